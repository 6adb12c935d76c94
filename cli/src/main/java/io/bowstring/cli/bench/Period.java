package io.bowstring.cli.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When batches are due, in nanoseconds since the epoch. Immutable.
 *
 * @param startNanos the first one
 * @param endNanos no batch from here on
 */
record Period(long startNanos, long endNanos) {
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    static Period of(long startNanos, Duration duration) {
        return new Period(startNanos, startNanos + duration.toNanos());
    }

    /** Returns when to give up a schedule that could not be kept: 10 seconds after its end. */
    long giveUpNanos() {
        return endNanos + GIVE_UP_NANOS;
    }
}
