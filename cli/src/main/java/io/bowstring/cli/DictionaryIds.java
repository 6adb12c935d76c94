package io.bowstring.cli;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the dictionary ids of one schema are called in another of equal fields: ids mean nothing outside of their file.
 * Immutable once made.
 */
final class DictionaryIds {
    private final Map<Long, Long> targets = new HashMap<>();

    private DictionaryIds() {}

    /**
     * Compares fields, all but their dictionary ids, and matches those.
     *
     * @throws CommandException if the fields differ; the message names the first difference
     */
    static DictionaryIds match(List<IpcField> from, List<IpcField> to) {
        DictionaryIds ids = new DictionaryIds();
        ids.addAll(from, to, "the schema");
        if (new HashSet<>(ids.targets.values()).size() != ids.targets.size()) {
            throw new CommandException("dictionaries: separate (expected: shared as in the first file)");
        }
        return ids;
    }

    private void addAll(List<IpcField> from, List<IpcField> to, String parent) {
        if (from.size() != to.size()) {
            throw new CommandException(
                    "fields of " + parent + ": " + from.size() + " (expected: " + to.size() + " as in the first file)");
        }
        for (int i = 0; i < from.size(); i++) {
            add(from.get(i), to.get(i));
        }
    }

    private void add(IpcField from, IpcField to) {
        if (!shallow(from).equals(shallow(to))) {
            throw new CommandException("field: " + from + " (expected: " + to + " as in the first file)");
        }
        IpcDictionaryEncoding fromDictionary = from.dictionary();
        IpcDictionaryEncoding toDictionary = to.dictionary();
        if (fromDictionary != null && toDictionary != null) {
            Long other = targets.put(fromDictionary.id(), toDictionary.id());
            if (other != null && other != toDictionary.id()) {
                throw new CommandException("dictionaries: shared (expected: separate as in the first file)");
            }
        }
        addAll(from.children(), to.children(), from.name());
    }

    /** Returns the field alone, with an id that is the same for all. */
    private static IpcField shallow(IpcField field) {
        IpcDictionaryEncoding dictionary = field.dictionary();
        @Nullable
        IpcDictionaryEncoding anonymous = dictionary == null
                ? null
                : new IpcDictionaryEncoding(0, dictionary.indexType(), dictionary.isOrdered());
        return new IpcField(field.name(), field.isNullable(), field.type(), anonymous, List.of());
    }

    /** Returns the message with the other schema's id, owned; {@code message} is consumed. */
    IpcMessage apply(IpcMessage message) {
        if (!(message instanceof IpcDictionaryBatch dictionary)) {
            return message;
        }
        long target = targets.getOrDefault(dictionary.id(), dictionary.id());
        return target == dictionary.id() ? message : dictionary.withId(target, ByteBufAllocator.DEFAULT);
    }
}
