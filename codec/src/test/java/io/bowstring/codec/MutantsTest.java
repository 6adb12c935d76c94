package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.HostileStream.Outcome;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged streams end in one {@link IpcException} or in valid messages, and never in anything else; they cost no more
 * than their length is worth. See {@link HostileStream} for all that is checked of each.
 */
@ExtendWith(LeakDetection.class)
class MutantsTest {
    private static final int MUTANTS = Integer.getInteger("bowstring.mutants", 20_000);
    private static final long SEED = Seeds.fixed("MutantsTest", 20_261_121);

    /** Short streams have all types, and thousands of them take no longer than they must. */
    private static final int MAX_STREAM_BYTES = 8 << 10;

    /** Room for every body of the golden streams, and no more, so that no mutant costs much memory. */
    private static final IpcLimits LIMITS =
            IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(1 << 16).build();

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** Several times what a machine needs that does nothing else: thread CPU time grows with its load, too. */
    private static final long NANOS_PER_MEBIBYTE = 300_000_000;

    /** Of one mutant, whatever its length: other work on the machine makes thread CPU time jump. */
    private static final long MIN_NANOS_ALLOWED = 20_000_000;

    @Test
    void acceptsOrRefusesMutantsOfGoldenStreams() {
        Mutator mutator = new Mutator(shortStreams());
        long bytes = 0;
        long nanos = 0;
        Map<IpcVerification, Integer> refused = new EnumMap<>(IpcVerification.class);
        for (long seed = SEED; seed < SEED + MUTANTS; seed++) {
            byte[] mutant = mutator.mutant(seed);
            List<byte[]> chunks = chunks(mutant, seed);
            long start = THREADS.getCurrentThreadCpuTime();
            refusals(mutant, chunks, seed).forEach(level -> refused.merge(level, 1, Integer::sum));
            long spent = THREADS.getCurrentThreadCpuTime() - start;
            requireFast(mutant, chunks, seed, spent);
            nanos += spent;
            bytes += 2L * mutant.length;
        }
        System.out.printf(
                "MutantsTest: %,d bytes, %,d ns per MiB, refused: %s%n", bytes, (nanos << 20) / bytes, refused);
        assertThat(nanos).isLessThan(allowedNanos(bytes));
        // Both happen, or the mutants are too tame or too wild to test anything.
        assertThat(refused.values()).allSatisfy(count -> assertThat(count).isBetween(MUTANTS / 10, MUTANTS * 9 / 10));
    }

    /** What took too long is decoded again: it may have been the first of its kind. */
    private static void requireFast(byte[] mutant, List<byte[]> chunks, long seed, long spentNanos) {
        long allowed = Math.max(MIN_NANOS_ALLOWED, allowedNanos(2L * mutant.length));
        if (spentNanos > allowed) {
            long start = THREADS.getCurrentThreadCpuTime();
            refusals(mutant, chunks, seed);
            long again = THREADS.getCurrentThreadCpuTime() - start;
            assertThat(again).as("ns of CPU for -Dbowstring.seed=" + seed).isLessThan(allowed);
        }
    }

    private static List<byte[]> shortStreams() {
        Stream<byte[]> golden = GoldenStreams.littleEndian().stream().map(GoldenStreams::read);
        return Stream.concat(golden, NewerTypes.streams().stream())
                .filter(stream -> stream.length <= MAX_STREAM_BYTES)
                .toList();
    }

    /** Returns the levels of verification at which the mutant is refused. */
    private static List<IpcVerification> refusals(byte[] mutant, List<byte[]> chunks, long seed) {
        List<IpcVerification> refusals = new ArrayList<>();
        for (IpcVerification level : IpcVerification.values()) {
            if (!decode(mutant, chunks, level, "-Dbowstring.seed=" + seed).isAccepted()) {
                refusals.add(level);
            }
        }
        if (refusals.equals(List.of(IpcVerification.FRAMING))) {
            throw new AssertionError("accepted only where more is checked: -Dbowstring.seed=" + seed);
        }
        return refusals;
    }

    @ParameterizedTest
    @EnumSource(value = Chunking.class, names = "BYTE_BY_BYTE", mode = EnumSource.Mode.EXCLUDE)
    void acceptsOrRefusesEveryBitFlipOfHandWrittenStream(Chunking chunking) {
        byte[] stream =
                Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.BATCH_WITH_ENTRY, Wire.BATCH, Wire.END);
        for (int bit = 0; bit < 8 * stream.length; bit++) {
            byte[] mutant = stream.clone();
            mutant[bit / 8] ^= (byte) (1 << bit % 8);
            for (IpcVerification level : IpcVerification.values()) {
                decode(mutant, chunking.cut(mutant), level, "bit " + bit);
            }
        }
    }

    private static Outcome decode(byte[] mutant, List<byte[]> chunks, IpcVerification level, String name) {
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withLimits(LIMITS).withVerification(level);
        try {
            Outcome outcome = HostileStream.decode(config.withBatchRuns(mutant.length % 3 == 0), mutant, chunks);
            LeakDetection.check();
            return outcome;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(name + ", " + level + ": " + e, e);
        }
    }

    /** Cuts a mutant into chunks of very different lengths. */
    private static List<byte[]> chunks(byte[] mutant, long seed) {
        Random random = new Random(seed);
        List<byte[]> chunks = new ArrayList<>();
        for (int from = 0; from < mutant.length; ) {
            int to = Math.min(mutant.length, from + 1 + random.nextInt(1 << (1 + random.nextInt(14))));
            chunks.add(Arrays.copyOfRange(mutant, from, to));
            from = to;
        }
        return chunks;
    }

    private static long allowedNanos(long bytes) {
        return bytes * NANOS_PER_MEBIBYTE >> 20;
    }
}
