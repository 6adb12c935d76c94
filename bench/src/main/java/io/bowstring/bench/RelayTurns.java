package io.bowstring.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * From one publisher to its subscribers, through every {@link RelayKind}: seconds, and CPU seconds of the relay's process,
 * for each GiB that is delivered. All take turns in each round, in random order, so that what else the machine does meets
 * all of them; medians are printed.
 *
 * <p>Arguments: rounds, MiB to deliver in a turn, lengths of bodies; see docs/internals/benchmarks.md.
 */
final class RelayTurns {
    /** One lane of those that take turns. Owns the process and the load. */
    private static final class Lane implements AutoCloseable {
        private final RelayKind kind;
        private final RelayProcess process;
        private final RelayLoad load;
        private Rounds seconds = new Rounds();
        private Rounds cpuSeconds = new Rounds();

        private Lane(RelayKind kind) throws Exception {
            this.kind = kind;
            this.process = new RelayProcess(kind);
            this.load = kind.load(process.port());
        }

        private void run(int bodyBytes, int count, int subscribers, boolean isMeasured) throws Exception {
            double cpu = process.cpuSeconds();
            double wall = load.run(bodyBytes, count, subscribers);
            double gibibytes = (double) bodyBytes * count * subscribers / (1 << 30);
            if (isMeasured) {
                seconds.add(wall / gibibytes);
                cpuSeconds.add((process.cpuSeconds() - cpu) / gibibytes);
            }
        }

        /** Begins again with what is measured, once it is warm. */
        private void warmUp(int bodyBytes, int count, int subscribers) throws Exception {
            seconds = new Rounds();
            cpuSeconds = new Rounds();
            long start = System.nanoTime();
            long messages = 0;
            for (int turn = 0; turn < MIN_WARM_UP_TURNS || messages < Math.min(WARM_UP_MESSAGES, 30L * count); turn++) {
                if (turn >= MIN_WARM_UP_TURNS && System.nanoTime() - start > MAX_WARM_UP_NANOS) {
                    break;
                }
                run(bodyBytes, count, subscribers, false);
                messages += count;
            }
        }

        @Override
        public void close() {
            load.close();
            process.close();
        }
    }

    /** Until the JIT compilers have nothing left to do: they compete for the same CPUs. */
    private static final long WARM_UP_MESSAGES = 3_000_000;

    private static final long MAX_WARM_UP_NANOS = 20_000_000_000L;
    private static final int MIN_WARM_UP_TURNS = 2;
    private static final int[] SUBSCRIBERS = {1, 4};

    /** Messages of one turn at most: small ones cost by their number. */
    private static final int MAX_MESSAGES = 100_000;

    private final int rounds;
    private final int mebibytes;
    private final PrintStream out;
    private final Random random = new Random(42);

    RelayTurns(int rounds, int mebibytes, PrintStream out) {
        this.rounds = rounds;
        this.mebibytes = mebibytes;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
        int mebibytes = args.length > 1 ? Integer.parseInt(args[1]) : 512;
        int[] bodies = {1 << 10, 64 << 10, 1 << 20, 16 << 20};
        if (args.length > 2) {
            bodies = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
        }
        new RelayTurns(rounds, mebibytes, System.out).run(bodies);
        System.exit(0); // gRPC's threads would stay a while
    }

    void run(int... bodies) throws Exception {
        List<Lane> lanes = new ArrayList<>();
        try {
            for (RelayKind kind : RelayKind.values()) {
                lanes.add(new Lane(kind));
            }
            out.println(
                    "| body bytes | subscribers | relay | MB/s | ÷ RAW | relay: CPU s/GiB | it ÷ RAW | FLIGHT ÷ it |");
            out.println("|---|---|---|---|---|---|---|---|");
            for (int bodyBytes : bodies) {
                for (int subscribers : SUBSCRIBERS) {
                    measure(lanes, bodyBytes, subscribers);
                    print(lanes, bodyBytes, subscribers);
                }
            }
        } finally {
            for (Lane lane : lanes) {
                lane.close();
            }
        }
    }

    private void measure(List<Lane> lanes, int bodyBytes, int subscribers) throws Exception {
        int count = (int) Math.min(MAX_MESSAGES, ((long) mebibytes << 20) / bodyBytes / subscribers);
        List<Lane> turns = new ArrayList<>(lanes);
        for (Lane lane : turns) {
            lane.warmUp(bodyBytes, Math.max(1, count), subscribers);
        }
        for (int round = 0; round < rounds; round++) {
            Collections.shuffle(turns, random);
            for (Lane lane : turns) {
                lane.run(bodyBytes, Math.max(1, count), subscribers, true);
            }
        }
    }

    private void print(List<Lane> lanes, int bodyBytes, int subscribers) {
        Lane raw = lanes.get(0);
        Lane flight = lanes.get(lanes.size() - 1);
        for (Lane lane : lanes) {
            out.printf(
                    "| %d | %d | %s | %.0f | %.2f | %.3f | %.2f | %.2f |%n",
                    bodyBytes,
                    subscribers,
                    lane.kind,
                    (1 << 30) / 1e6 / lane.seconds.median(),
                    raw.seconds.medianRatio(lane.seconds),
                    lane.cpuSeconds.median(),
                    lane.cpuSeconds.medianRatio(raw.cpuSeconds),
                    flight.cpuSeconds.medianRatio(lane.cpuSeconds));
        }
    }
}
