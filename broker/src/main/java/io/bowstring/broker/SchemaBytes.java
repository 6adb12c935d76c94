package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;

/** What a schema takes of the memory: its message, and its fields on the heap. */
public final class SchemaBytes {
    /** What a field takes on the heap, roughly. */
    private static final long FIELD_BYTES = 256;

    /** So much is free for each schema: what small ones take is bounded by how many topics and connections there may be. */
    private static final long FREE_BYTES = 4 << 10;

    private SchemaBytes() {}

    /** Returns what a schema, borrowed, counts for in a {@link MemoryShare}, in bytes; 0 for a small one. */
    public static long of(IpcSchema schema) {
        int fields = IpcField.withNested(schema.fields()).size();
        return Math.max(0, schema.frameBytes() + FIELD_BYTES * fields - FREE_BYTES);
    }
}
