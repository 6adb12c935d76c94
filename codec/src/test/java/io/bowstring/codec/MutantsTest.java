package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.ALLOCATOR;
import static io.bowstring.codec.ReRootingTest.add;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged streams end in one {@link IpcException} or in valid messages, and never in anything else. */
@ExtendWith(LeakDetection.class)
class MutantsTest {
    private static final int MUTANTS = 4_000;
    private static final long SEED = Seeds.fixed("MutantsTest", 20_261_121);
    private static final long[] EXTREMES = {
        0, 1, -1, 2, 4, 8, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 0xFFFFFFF8L, 1L << 32
    };
    private static final IpcMetadataEdit EDIT = add("z", "1");

    /** Room for every body of the golden streams, and no more, so that no mutant costs much memory. */
    private static final IpcLimits LIMITS = IpcLimits.DEFAULTS.withMaxBodyBytes(1 << 16);

    @Test
    void acceptsOrRefusesMutantsOfGoldenStreams() {
        List<byte[]> streams =
                GoldenStreams.littleEndian().stream().map(GoldenStreams::read).toList();
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            Random random = new Random(SEED + i);
            byte[] stream = streams.get(random.nextInt(streams.size()));
            IpcVerification verification = (SEED + i) % 2 == 0 ? IpcVerification.STRUCTURE : IpcVerification.FRAMING;
            refused += decode(mutant(stream, random), verification, SEED + i, random) ? 0 : 1;
        }
        // Both happen, or the mutants are too tame or too wild to test anything.
        assertThat(refused).isBetween(MUTANTS / 10, MUTANTS * 9 / 10);
    }

    @ParameterizedTest
    @EnumSource(value = Chunking.class, names = "BYTE_BY_BYTE", mode = EnumSource.Mode.EXCLUDE)
    void acceptsOrRefusesEveryBitFlipOfHandWrittenStream(Chunking chunking) {
        byte[] stream =
                Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.BATCH_WITH_ENTRY, Wire.BATCH, Wire.END);
        for (int bit = 0; bit < 8 * stream.length; bit++) {
            byte[] mutant = stream.clone();
            mutant[bit / 8] ^= (byte) (1 << bit % 8);
            for (IpcVerification verification : IpcVerification.values()) {
                try (DecoderProbe probe = new DecoderProbe(LIMITS, verification).feed(mutant, chunking)) {
                    settle(probe, "bit " + bit + ", " + verification);
                }
            }
        }
    }

    /** Returns whether the mutant was accepted. */
    private static boolean decode(byte[] mutant, IpcVerification verification, long seed, Random random) {
        try (DecoderProbe probe = new DecoderProbe(LIMITS, verification)) {
            for (int from = 0; from < mutant.length; ) {
                int to = Math.min(mutant.length, from + 1 + random.nextInt(1 << (1 + random.nextInt(14))));
                probe.feed(Arrays.copyOfRange(mutant, from, to));
                from = to;
            }
            return settle(probe, "-Dbowstring.seed=" + seed);
        }
    }

    private static boolean settle(DecoderProbe probe, String mutant) {
        probe.halfClose();
        assertThat(probe.errors).as(mutant).hasSizeLessThan(2).allMatch(IpcException.class::isInstance);
        boolean isAccepted = probe.errors.isEmpty();
        probe.errors.clear();
        for (IpcMessage message : probe.take()) {
            use(message, mutant);
        }
        return isAccepted;
    }

    /** Reads all there is to read and edits the message, which is consumed. */
    private static void use(IpcMessage message, String mutant) {
        assertThat(message.customMetadata()).as(mutant).isNotNull();
        if (message instanceof IpcSchema schema) {
            assertThat(schema.schemaMetadata()).as(mutant).isNotNull();
            assertThat(schema.fields().toString()).as(mutant).isNotNull();
            release(schema.edited(EDIT, ALLOCATOR));
        } else if (message instanceof IpcRecordBatch batch) {
            readEdges(batch);
            release(batch.edited(EDIT, ALLOCATOR));
        } else if (message instanceof IpcDictionaryBatch batch) {
            release(batch.withId(9, ALLOCATOR));
        }
    }

    private static void readEdges(IpcRecordBatch batch) {
        try {
            batch.nullCount(0);
            batch.buffer(1, 1);
        } catch (IpcException e) {
            assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED);
        }
    }

    private static void release(IpcMessage edited) {
        assertThat(ByteBufUtil.getBytes(edited.frame())).startsWith(0xFF, 0xFF, 0xFF, 0xFF);
        assertThat(edited.release()).isTrue();
    }

    private static byte[] mutant(byte[] stream, Random random) {
        byte[] mutant = stream;
        for (int i = random.nextInt(3); i >= 0; i--) {
            mutant = mutate(mutant, random);
        }
        return mutant;
    }

    private static byte[] mutate(byte[] stream, Random random) {
        // Near the beginning, where the metadata of schema and first batch are, more often than anywhere.
        int reach = random.nextBoolean() ? stream.length : Math.min(stream.length, 2_000);
        int at = random.nextInt(Math.max(1, reach));
        int length = Math.min(stream.length - at, 1 + random.nextInt(64));
        byte[] before = Arrays.copyOf(stream, at);
        byte[] range = Arrays.copyOfRange(stream, at, at + length);
        byte[] after = Arrays.copyOfRange(stream, at + length, stream.length);
        return switch (random.nextInt(6)) {
            case 0 -> Wire.concat(before, flipBit(range, random), after);
            case 1 -> extreme(stream, at & -4, 4, random);
            case 2 -> extreme(stream, at & -8, 8, random);
            case 3 -> before;
            case 4 -> Wire.concat(before, range, range, after);
            default -> Wire.concat(before, after);
        };
    }

    private static byte[] flipBit(byte[] range, Random random) {
        if (range.length > 0) {
            range[0] ^= (byte) (1 << random.nextInt(8));
        }
        return range;
    }

    private static byte[] extreme(byte[] stream, int at, int bytes, Random random) {
        byte[] mutant = stream.clone();
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        for (int i = 0; i < bytes && at + i < mutant.length; i++) {
            mutant[at + i] = (byte) (value >> 8 * i);
        }
        return mutant;
    }
}
