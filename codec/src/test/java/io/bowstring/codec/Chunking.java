package io.bowstring.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The ways in which a test cuts input into received buffers. A decoder must not tell them apart.
 *
 * <p>Thread-safe.
 */
public enum Chunking {
    /** One buffer with everything. */
    WHOLE,
    /** One buffer per byte. */
    BYTE_BY_BYTE,
    /** Buffers of 0 to 63 bytes, the same in every call for the same length; the seed is printed. */
    RANDOM;

    /** Cuts {@code bytes} into chunks, which together are the same bytes. */
    public List<byte[]> cut(byte[] bytes) {
        Random random = new Random(this == RANDOM ? RandomSeed.VALUE : 0);
        List<byte[]> chunks = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(bytes.length, from + nextBytes(bytes.length, random));
            chunks.add(Arrays.copyOfRange(bytes, from, to));
            from = to;
        } while (from < bytes.length);
        return chunks;
    }

    private int nextBytes(int all, Random random) {
        return switch (this) {
            case WHOLE -> all;
            case BYTE_BY_BYTE -> 1;
            case RANDOM -> random.nextInt(64);
        };
    }

    /** Loaded by the first use of {@link #RANDOM}. */
    private static final class RandomSeed {
        static final long VALUE = Seeds.fresh("Chunking.RANDOM");
    }
}
