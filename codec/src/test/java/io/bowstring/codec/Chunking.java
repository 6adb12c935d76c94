package io.bowstring.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The ways in which a test cuts input into received buffers. A decoder must not tell them apart.
 *
 * <p>Confined to one thread at a time.
 */
public enum Chunking {
    /** One buffer with everything. */
    WHOLE,
    /** One buffer per byte. */
    BYTE_BY_BYTE,
    /** Buffers of 0 to 63 bytes; the seed is printed. */
    RANDOM;

    private final Random random = new Random(0);

    /** Cuts {@code bytes} into chunks, which together are the same bytes. */
    public List<byte[]> cut(byte[] bytes) {
        if (this == RANDOM) {
            random.setSeed(Seeds.fresh("Chunking"));
        }
        List<byte[]> chunks = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(bytes.length, from + nextBytes(bytes.length));
            chunks.add(Arrays.copyOfRange(bytes, from, to));
            from = to;
        } while (from < bytes.length);
        return chunks;
    }

    private int nextBytes(int all) {
        return switch (this) {
            case WHOLE -> all;
            case BYTE_BY_BYTE -> 1;
            case RANDOM -> random.nextInt(64);
        };
    }
}
