package io.bowstring.protocol;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Structural comparison of fields: names, types, nullability, children, dictionary encoding, and what their metadata says
 * of their types. Other metadata does not count, nor do dictionary ids, which are private to a stream. Not instantiable.
 */
public final class FieldMatch {
    /** So much is shown of two long values before they differ. */
    private static final int SHARED_CHARS = 16;

    private static final String ABSENT = "absent";

    /** Some writers leave it out where it is empty. */
    private static final String MAY_BE_EMPTY = "ARROW:extension:metadata";

    private FieldMatch() {}

    /**
     * Compares the fields of two streams.
     *
     * @return the first stream's dictionary id for each of the second's
     * @throws ProtocolException {@code SCHEMA_MISMATCH}, which names the first difference
     */
    public static Map<Long, Long> dictionaryIds(List<IpcField> expected, List<IpcField> actual) {
        Map<Long, Long> ids = new HashMap<>();
        matchAll("", expected, actual, ids);
        if (ids.values().stream().distinct().count() != ids.size()) {
            throw mismatch("dictionary ids", ids.keySet() + " apart", "shared by the same fields");
        }
        return ids;
    }

    private static void matchAll(String path, List<IpcField> topic, List<IpcField> publisher, Map<Long, Long> ids) {
        matchNames(path, topic, publisher);
        for (int i = 0; i < topic.size(); i++) {
            IpcField expected = topic.get(i);
            IpcField actual = publisher.get(i);
            String fieldPath = path(path, expected);
            if (!shallow(expected).equals(shallow(actual))) {
                throw mismatch("field " + fieldPath, typeOf(actual), typeOf(expected));
            }
            matchExtension(fieldPath, expected.extension(), actual.extension());
            matchDictionary(fieldPath, expected.dictionary(), actual.dictionary(), ids);
            matchAll(fieldPath, expected.children(), actual.children(), ids);
        }
    }

    private static String path(String parent, IpcField field) {
        return parent.isEmpty() ? field.name() : parent + "." + field.name();
    }

    /** Names the first field that the publisher lacks, or has and should not have, or has in another place. */
    private static void matchNames(String path, List<IpcField> topic, List<IpcField> publisher) {
        List<String> expected = topic.stream().map(IpcField::name).toList();
        List<String> actual = publisher.stream().map(IpcField::name).toList();
        int at = 0;
        while (at < expected.size() && at < actual.size() && expected.get(at).equals(actual.get(at))) {
            at++;
        }
        if (at == expected.size() && at == actual.size()) {
            return;
        }
        boolean isMissing = at < expected.size() && !actual.contains(expected.get(at));
        boolean isAdditional = at < actual.size() && !expected.contains(actual.get(at));
        if (isMissing && !(isAdditional && expected.size() == actual.size())) {
            throw mismatch("field " + path(path, topic.get(at)), ABSENT, typeOf(topic.get(at)));
        }
        if (isAdditional && !isMissing) {
            String name = ProtocolException.excerpt(path(path, publisher.get(at)));
            throw mismatch("field " + name, typeOf(publisher.get(at)), ABSENT);
        }
        String of = path.isEmpty() ? "" : " of " + path;
        if (at < expected.size() && at < actual.size()) {
            throw mismatch("field " + (at + 1) + of, actual.get(at), ProtocolException.excerpt(expected.get(at)));
        }
        throw mismatch("fields" + of, actual.size(), expected.size()); // that share their names
    }

    /** What is stored alike need not mean the same. */
    private static void matchExtension(String path, Map<String, String> topic, Map<String, String> publisher) {
        if (topic.equals(publisher)) {
            return;
        }
        Set<String> keys = new TreeSet<>(Comparator.reverseOrder()); // the name of a type before its parameters
        keys.addAll(topic.keySet());
        keys.addAll(publisher.keySet());
        for (String key : keys) {
            String absent = key.equals(MAY_BE_EMPTY) ? "" : ABSENT;
            String expected = topic.getOrDefault(key, absent);
            String actual = publisher.getOrDefault(key, absent);
            if (!expected.equals(actual)) {
                int start = startOfDifference(expected, actual);
                String shown = publisher.containsKey(key) ? from(start, actual) : ABSENT;
                String rule = topic.containsKey(key) ? from(start, expected) : ABSENT;
                throw mismatch(key + " of field " + path, shown, rule);
            }
        }
    }

    private static int startOfDifference(String some, String other) {
        int start = 0;
        while (start < Math.min(some.length(), other.length()) && some.charAt(start) == other.charAt(start)) {
            start++;
        }
        return Math.max(0, start - SHARED_CHARS);
    }

    private static String from(int start, String text) {
        return ProtocolException.excerpt(start == 0 ? text : "…" + text.substring(start));
    }

    private static void matchDictionary(
            String path,
            @Nullable IpcDictionaryEncoding topic,
            @Nullable IpcDictionaryEncoding publisher,
            Map<Long, Long> ids) {
        if (topic == null || publisher == null) {
            return; // the shallow comparison has seen that both are
        }
        Long present = ids.putIfAbsent(publisher.id(), topic.id());
        if (present != null && present != topic.id()) {
            throw mismatch("dictionary id of field " + path, publisher.id() + " shared", "one of its own");
        }
    }

    /** Returns what a field is, but for its name and its children. */
    private static String typeOf(IpcField field) {
        return shallow("", field).toString().substring(": ".length());
    }

    private static IpcField shallow(IpcField field) {
        return shallow(field.name(), field);
    }

    /** Returns the field under a name, without its children and its dictionary id. */
    private static IpcField shallow(String name, IpcField field) {
        IpcDictionaryEncoding dictionary = field.dictionary();
        return new IpcField(
                name,
                field.isNullable(),
                field.type(),
                dictionary == null
                        ? null
                        : new IpcDictionaryEncoding(0, dictionary.indexType(), dictionary.isOrdered()),
                List.of());
    }

    private static ProtocolException mismatch(String field, Object value, Object rule) {
        return ProtocolException.of(ErrorCode.SCHEMA_MISMATCH, field, value, String.valueOf(rule));
    }
}
