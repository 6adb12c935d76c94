package io.bowstring.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes damaged streams out of whole ones, and always the same from the same streams and seed.
 *
 * <p>Immutable.
 */
public final class Mutator {
    /** What keeps the length of a stream comes first. */
    private enum Damage {
        FLIP_BIT,
        EXTREME_INT32,
        EXTREME_INT64,
        TRUNCATE,
        REPEAT_RANGE,
        DROP_RANGE,
        REPLACE_BY_RANGE_OF_OTHER,
        INSERT_RANGE_OF_OTHER,
        METADATA_LENGTH,
        CONTINUATION_MARKER
    }

    private static final Damage[] DAMAGES = Damage.values();

    /** One mutant in two has no others: such a one is more often accepted, and its later messages are read. */
    private static final int IN_PLACE_DAMAGES = Damage.EXTREME_INT64.ordinal() + 1;

    private static final int MAX_DAMAGES = 2;
    private static final int MAX_RANGE_BYTES = 128;
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        4,
        8,
        0x7F,
        0x80,
        0xFFFF,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -8,
        0xFFFFFFF8L,
        1L << 32
    };

    /** Near the beginning, where schema and first batch are, more is damaged than anywhere. */
    private static final int HEAD_BYTES = 2_000;

    private final List<byte[]> streams;

    /** Damages {@code streams}, which are not empty and not changed. */
    public Mutator(List<byte[]> streams) {
        this.streams = List.copyOf(streams);
    }

    /** Returns the mutant that {@code seed} stands for. */
    public byte[] mutant(long seed) {
        Random random = new Random(seed);
        byte[] mutant = streams.get(random.nextInt(streams.size()));
        int kinds = random.nextBoolean() ? DAMAGES.length : IN_PLACE_DAMAGES;
        for (int left = 1 + random.nextInt(MAX_DAMAGES); left > 0; left--) {
            mutant = damaged(mutant, DAMAGES[random.nextInt(kinds)], random);
        }
        return mutant;
    }

    private byte[] damaged(byte[] stream, Damage damage, Random random) {
        int reach = random.nextBoolean() ? stream.length : Math.min(stream.length, HEAD_BYTES);
        int at = random.nextInt(Math.max(1, reach));
        return switch (damage) {
            case FLIP_BIT -> withFlippedBit(stream, at, random);
            case EXTREME_INT32 -> with(stream, at & -4, 4, extreme(random));
            case EXTREME_INT64 -> with(stream, at & -8, 8, extreme(random));
            case TRUNCATE -> Arrays.copyOf(stream, random.nextBoolean() ? at : random.nextInt(1 + stream.length));
            case REPEAT_RANGE -> spliced(stream, at, 0, range(stream, at, random));
            case DROP_RANGE -> spliced(stream, at, range(stream, at, random).length, new byte[0]);
            case REPLACE_BY_RANGE_OF_OTHER -> {
                byte[] range = rangeOfOther(random);
                yield spliced(stream, at, range.length, range);
            }
            case INSERT_RANGE_OF_OTHER -> spliced(stream, at, 0, rangeOfOther(random));
            case METADATA_LENGTH -> with(stream, prefix(stream, random) + 4, 4, metadataLength(random));
            case CONTINUATION_MARKER -> withFlippedBit(stream, prefix(stream, random) + random.nextInt(4), random);
        };
    }

    private static byte[] withFlippedBit(byte[] stream, int at, Random random) {
        byte[] mutant = stream.clone();
        if (at < mutant.length) {
            mutant[at] ^= (byte) (1 << random.nextInt(8));
        }
        return mutant;
    }

    private static byte[] with(byte[] stream, int at, int bytes, long value) {
        byte[] mutant = stream.clone();
        for (int i = 0; i < bytes && at + i < mutant.length; i++) {
            mutant[at + i] = (byte) (value >> 8 * i);
        }
        return mutant;
    }

    private static long extreme(Random random) {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }

    private static long metadataLength(Random random) {
        return random.nextBoolean() ? extreme(random) : 8L * random.nextInt(128);
    }

    /** Returns {@code stream} with {@code inserted} in place of {@code dropped} bytes. */
    private static byte[] spliced(byte[] stream, int at, int dropped, byte[] inserted) {
        int rest = Math.min(stream.length, at + dropped);
        return Wire.concat(Arrays.copyOf(stream, at), inserted, Arrays.copyOfRange(stream, rest, stream.length));
    }

    /** Returns a short range; half of them have whole words, as flatbuffers and buffers do. */
    private static byte[] range(byte[] stream, int at, Random random) {
        int bytes = 1 + random.nextInt(MAX_RANGE_BYTES);
        return Arrays.copyOfRange(
                stream, at, Math.min(stream.length, at + (random.nextBoolean() ? bytes & -8 : bytes)));
    }

    private byte[] rangeOfOther(Random random) {
        byte[] other = streams.get(random.nextInt(streams.size()));
        return range(other, random.nextInt(other.length), random);
    }

    /** Returns the index of one of the message prefixes, 0 where there is none. */
    private static int prefix(byte[] stream, Random random) {
        List<Integer> prefixes = new ArrayList<>();
        for (int i = 0; i + IpcMessage.PREFIX_BYTES <= stream.length; i += 8) {
            if (stream[i] == -1 && stream[i + 1] == -1 && stream[i + 2] == -1 && stream[i + 3] == -1) {
                prefixes.add(i);
            }
        }
        return prefixes.isEmpty() ? 0 : prefixes.get(random.nextInt(prefixes.size()));
    }
}
