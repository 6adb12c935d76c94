package io.bowstring.bench.peers;

import java.io.IOException;

/** A lane that takes turns. Owns its process and its load. Confined to the caller's thread. */
final class Contestant implements AutoCloseable {
    private static final double GIBIBYTE = 1 << 30;

    /** Enough for every place of a histogram to mean something, and for a turn to be a turn. */
    private static final int MAX_COUNT = 10_000_000;

    /**
     * What a turn took. Immutable.
     *
     * @param seconds from the first batch to the end of the last subscriber
     * @param cpuSeconds of the relay
     * @param deliveries batches that subscribers got, all together
     * @param bodyBytes of a batch
     */
    record Took(double seconds, double cpuSeconds, long deliveries, int bodyBytes) {
        double deliveriesPerSecond() {
            return deliveries / seconds;
        }

        double cpuSecondsPerGibibyte() {
            return cpuSeconds / (deliveries * (bodyBytes / GIBIBYTE));
        }
    }

    private final Lane lane;
    private final RelayProcess process;
    private final Load load;

    Contestant(Lane lane, Programs programs) throws IOException, InterruptedException {
        this.lane = lane;
        this.process = lane.start(programs);
        this.load = new Load(lane.parties(process.port()));
    }

    Lane lane() {
        return lane;
    }

    /** Takes a turn. */
    Took run(Turn turn) throws Exception {
        double cpu = process.cpuSeconds();
        double seconds = load.run(turn);
        Shape shape = turn.shape();
        long deliveries = (long) turn.count() * shape.allPublishers() * shape.subscribers();
        return new Took(seconds, process.cpuSeconds() - cpu, deliveries, shape.bodyBytes());
    }

    /**
     * Takes turns, each twice as long as the one before until one is as long as it shall be, for the time that it takes the JIT
     * compilers to have little left to do.
     *
     * @return how many batches of each publisher make a turn of {@code turnSeconds}
     */
    int warmUp(Shape shape, double turnSeconds, double warmSeconds) throws Exception {
        long start = System.nanoTime();
        int count = 1;
        while (true) {
            double seconds = run(Turn.fast(shape, count)).seconds();
            double all = (System.nanoTime() - start) / 1e9;
            int wanted = count(count / seconds * turnSeconds);
            if (all > warmSeconds && (wanted <= 2L * count || all > 2 * warmSeconds)) {
                return wanted;
            }
            count = (int) Math.min(wanted, 8L * count);
        }
    }

    /** Returns a number of batches as a count of a turn. */
    static int count(double batches) {
        return (int) Math.max(1, Math.min(MAX_COUNT, batches));
    }

    @Override
    public void close() {
        load.close();
        process.close();
    }
}
