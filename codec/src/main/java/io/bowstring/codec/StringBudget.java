package io.bowstring.codec;

/**
 * Bounds the bytes that strings of one schema expand to: many offsets may point to one long string, so the length of
 * the metadata bounds nothing. Confined to the caller's thread.
 */
final class StringBudget {
    private final int limitBytes;
    private int spentBytes;

    StringBudget(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Reads the string vector at {@code vector} (0: absent, read as empty). */
    String read(MetadataReader in, int vector) {
        spend(in.count(vector));
        return in.string(vector);
    }

    void spend(int bytes) {
        IpcException.requireAtMost("schema string bytes", (long) spentBytes + bytes, limitBytes, null);
        spentBytes += bytes;
    }
}
