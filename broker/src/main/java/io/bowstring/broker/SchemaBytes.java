package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import java.util.List;

/** What a schema takes of the memory: its message, and its fields on the heap. */
public final class SchemaBytes {
    /** What a field takes on the heap, roughly. */
    private static final long FIELD_BYTES = 256;

    /** So much is free for each schema: what small ones take is bounded by how many topics and connections there may be. */
    private static final long FREE_BYTES = 4 << 10;

    private SchemaBytes() {}

    /** Returns what a schema, borrowed, counts for in a {@link MemoryShare}, in bytes; 0 for a small one. */
    public static long of(IpcSchema schema) {
        return Math.max(0, schema.frameBytes() + FIELD_BYTES * count(schema.fields()) - FREE_BYTES);
    }

    /** Returns how many fields there are, nested ones included. */
    private static long count(List<IpcField> fields) {
        return fields.size()
                + fields.stream().mapToLong(field -> count(field.children())).sum();
    }
}
