package io.bowstring.protocol;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Structural comparison of fields: names, types, nullability, children, dictionary encoding. Metadata does not count,
 * nor do dictionary ids, which are private to a stream. Not instantiable.
 */
public final class FieldMatch {
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
        if (topic.size() != publisher.size()) {
            String where = path.isEmpty() ? "fields" : "fields of " + path;
            throw mismatch(where, publisher.size(), topic.size());
        }
        for (int i = 0; i < topic.size(); i++) {
            IpcField expected = topic.get(i);
            IpcField actual = publisher.get(i);
            String fieldPath = path.isEmpty() ? expected.name() : path + "." + expected.name();
            if (!shallow(expected).equals(shallow(actual))) {
                throw mismatch("field " + fieldPath, shallow(actual), shallow(expected));
            }
            matchDictionary(fieldPath, expected.dictionary(), actual.dictionary(), ids);
            matchAll(fieldPath, expected.children(), actual.children(), ids);
        }
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

    /** Returns the field without its children and its dictionary id. */
    private static IpcField shallow(IpcField field) {
        IpcDictionaryEncoding dictionary = field.dictionary();
        return new IpcField(
                field.name(),
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
