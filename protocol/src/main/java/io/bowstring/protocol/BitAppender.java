package io.bowstring.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes bits after bits, the lowest of a byte first, eight bytes at a time.
 *
 * <pre>
 *   written │ pending: fewer than 8 bits │        the next 64 are shifted by that many
 * </pre>
 *
 * <p>Confined to the caller's thread; borrows the buffers, which are little-endian.
 */
final class BitAppender {
    private final ByteBuffer out;
    private int pending;
    private int pendingCount;

    BitAppender(ByteBuffer out) {
        this.out = out;
    }

    /**
     * Appends bits.
     *
     * @param source the bits, from its first byte on; null for ones
     */
    void append(@Nullable ByteBuffer source, int count) {
        int words = count >>> 6;
        for (int i = 0; i < words; i++) {
            long bits = source == null ? -1 : source.getLong(8 * i);
            out.putLong(pending | bits << pendingCount);
            pending = (int) (bits >>> 1 >>> (63 - pendingCount)); // by 64 in all where none are pending
        }
        for (int i = words << 6; i < count; i += 8) {
            appendByte(source == null ? 0xFF : source.get(i >>> 3) & 0xFF, Math.min(8, count - i));
        }
    }

    private void appendByte(int bits, int count) {
        pending |= (bits & (1 << count) - 1) << pendingCount;
        pendingCount += count;
        if (pendingCount >= 8) {
            out.put((byte) pending);
            pending >>>= 8;
            pendingCount -= 8;
        }
    }

    /** Writes what is pending; zeroes after it. */
    void finish() {
        if (pendingCount > 0) {
            out.put((byte) pending);
        }
    }
}
