package io.bowstring.cli.bench;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The time since the epoch, as precise as the clock that measures: the wall clock is read once, so that times of one process
 * never jump, and those of several processes can be compared. Immutable.
 */
final class BenchClock {
    private final long epochNanos;
    private final long startNanos;

    BenchClock() {
        long before = System.nanoTime();
        Instant now = Instant.now();
        startNanos = before + (System.nanoTime() - before) / 2;
        epochNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Returns how many nanoseconds since the epoch it is. */
    long nanos() {
        return epochNanos + (System.nanoTime() - startNanos);
    }
}
