package io.bowstring.bench;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * CPU time per batch of {@link VectorReadBenchmark} and {@link VectorWriteBenchmark}. All take turns in each round, in
 * random order, in one JVM, and only the time of the thread counts, so that what else the machine does matters little;
 * medians are printed.
 *
 * <p>Arguments: rounds, lengths of bodies; see docs/benchmarks/details.md.
 */
final class VectorTurns {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** What is copied in a turn, in bytes, by lanes that copy: enough for a clock, and nobody waits long. */
    private static final int TURN_BYTES = 4 << 20;

    private static final int BATCHES = 256;

    /** One lane of those that take turns. */
    private record Lane(String name, int batches, Step step, Rounds nanos) {
        Lane(String name, int batches, Step step) {
            this(name, batches, step, new Rounds());
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private final int rounds;
    private final PrintStream out;
    private final Random random = new Random(42);

    VectorTurns(int rounds, PrintStream out) {
        this.rounds = rounds;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 200;
        int[] bodies = {64 << 10, 1 << 20, 5 << 20};
        if (args.length > 1) {
            bodies = Arrays.stream(args).skip(1).mapToInt(Integer::parseInt).toArray();
        }
        new VectorTurns(rounds, System.out).run(bodies);
    }

    void run(int... bodies) throws Exception {
        out.println("| body bytes | vectors are | by | us of CPU a batch | it ÷ ours |");
        out.println("|---|---|---|---|---|");
        for (int bodyBytes : bodies) {
            measureReading(bodyBytes);
            measureWriting(bodyBytes);
        }
    }

    private void measureReading(int bodyBytes) throws Exception {
        VectorReadBenchmark read = new VectorReadBenchmark();
        read.bodyBytes = bodyBytes;
        read.setUp();
        measure(
                bodyBytes,
                "read",
                new Lane("BatchReader", BATCHES, read::batchReader),
                new Lane("ArrowStreamReader", copies(bodyBytes), read::arrowStreamReader),
                new Lane("Flight's ArrowMessage", copies(bodyBytes), read::flightMessage));
        read.tearDown();
    }

    private void measureWriting(int bodyBytes) throws Exception {
        VectorWriteBenchmark write = new VectorWriteBenchmark();
        write.bodyBytes = bodyBytes;
        write.setUp();
        measure(
                bodyBytes,
                "written",
                new Lane("BatchWriter", BATCHES, write::batchWriter),
                new Lane("ArrowStreamWriter", copies(bodyBytes), write::arrowStreamWriter),
                new Lane("Flight's ArrowMessage", copies(bodyBytes), write::flightMessage),
                new Lane("nobody, but filled", BATCHES, write::fill));
        write.tearDown();
    }

    private static int copies(int bodyBytes) {
        return Math.max(1, Math.min(BATCHES, TURN_BYTES / bodyBytes));
    }

    private void measure(int bodyBytes, String direction, Lane... lanes) throws Exception {
        List<Lane> turns = new ArrayList<>(List.of(lanes));
        for (int round = -3 * rounds; round < rounds; round++) { // more to warm up: compilers wait for a core too
            Collections.shuffle(turns, random);
            for (Lane lane : turns) {
                long start = THREADS.getCurrentThreadCpuTime();
                for (int i = 0; i < lane.batches; i++) {
                    lane.step.run();
                }
                if (round >= 0) {
                    lane.nanos.add((double) (THREADS.getCurrentThreadCpuTime() - start) / lane.batches);
                }
            }
        }
        for (Lane lane : lanes) {
            out.printf(
                    "| %d | %s | %s | %.2f | %.1f |%n",
                    bodyBytes,
                    direction,
                    lane.name,
                    lane.nanos.median() / 1000,
                    lane.nanos.medianRatio(lanes[0].nanos));
        }
    }
}
