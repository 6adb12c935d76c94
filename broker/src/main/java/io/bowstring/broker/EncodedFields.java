package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a schema that are encoded with dictionaries, on whichever level, by the dictionaries' ids. Immutable. */
final class EncodedFields {
    private final Map<Long, IpcField> fields = new HashMap<>();
    private final Set<Long> referring = new HashSet<>();

    EncodedFields(List<IpcField> schema) {
        for (IpcField field : IpcField.withNested(schema)) {
            IpcDictionaryEncoding dictionary = field.dictionary();
            if (dictionary != null
                    && fields.putIfAbsent(dictionary.id(), field) == null
                    && IpcField.withNested(field.children()).stream().anyMatch(child -> child.dictionary() != null)) {
                referring.add(dictionary.id());
            }
        }
    }

    /** Returns a field that is encoded with a dictionary; null where none is. */
    @Nullable
    IpcField field(long id) {
        return fields.get(id);
    }

    /** Returns whether the values of a dictionary are made of other dictionaries' values. */
    boolean refersToOthers(long id) {
        return referring.contains(id);
    }
}
