package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A lane that takes turns. Owns its process and its load. Confined to the caller's thread. */
final class Contestant implements AutoCloseable {
    /** With 32 publishers the batches of a subscriber still fit an {@code int}. */
    private static final int MAX_COUNT = 60_000_000;

    /** A warm-up ends after so many times its planned time: the rest of that was spent on connecting. */
    private static final int MAX_WARM_UP = 4;

    private final Lane lane;
    private final RelayProcess process;
    private final Load load;
    private boolean hasFailed;

    /** Starts a lane, which may write to a folder, and of which no turn may take longer than {@code patienceSeconds}. */
    Contestant(Lane lane, Programs programs, Path folder, double patienceSeconds)
            throws IOException, InterruptedException {
        this(lane, lane.start(programs, folder), patienceSeconds);
    }

    /** Creates one whose relay runs; owned. */
    Contestant(Lane lane, RelayProcess process, double patienceSeconds) throws InterruptedException {
        this.lane = lane;
        this.process = process;
        try {
            this.load = new Load(process, lane.parties(process), patienceSeconds);
        } catch (RuntimeException | InterruptedException e) {
            process.close();
            throw e;
        }
    }

    Lane lane() {
        return lane;
    }

    /** Takes a turn; after one that failed this can only be closed. */
    Took run(Turn turn) throws Exception {
        try {
            return load.run(turn);
        } catch (Exception e) {
            hasFailed = true;
            throw e;
        }
    }

    /**
     * Takes turns until two things hold: the last one took at least half of {@code turnSeconds}, and all of them together delivered
     * for {@code warmSeconds}, after which the JIT compilers have little left to do. Each turn is longer than the one before.
     *
     * @return how many batches of each publisher make a turn of {@code turnSeconds}
     */
    int warmUp(Shape shape, double turnSeconds, double warmSeconds) throws Exception {
        long end = System.nanoTime() + (long) (MAX_WARM_UP * warmSeconds * 1e9);
        double delivering = 0;
        int count = 1;
        while (true) {
            double seconds = run(Turn.fast(shape, count)).seconds();
            delivering += seconds;
            int wanted = count(count / seconds * turnSeconds);
            boolean isLong = seconds >= turnSeconds / 2 || count == MAX_COUNT;
            if (isLong && (delivering >= warmSeconds || System.nanoTime() - end > 0)) {
                return wanted;
            }
            count = (int) Math.min(wanted, 8L * count);
        }
    }

    /** Returns a number of batches as a count of a turn. */
    static int count(double batches) {
        return (int) Math.max(1, Math.min(MAX_COUNT, batches));
    }

    /** Returns the last lines that the relay printed. */
    List<String> log() {
        return process.log();
    }

    @Override
    public void close() {
        if (hasFailed) {
            process.close(); // first: a relay that hangs would keep those that wait for it
        }
        Closing.all(List.of(load, process));
    }
}
