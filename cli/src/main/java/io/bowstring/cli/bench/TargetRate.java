package io.bowstring.cli.bench;

import java.time.Duration;

/**
 * How fast all publishers together publish, and for how long. Immutable.
 *
 * @param batchesPerSecond more than 0; infinite: as fast as they can
 * @param duration what is measured, after the warm-up
 */
public record TargetRate(double batchesPerSecond, Duration duration) {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int WARM_UP_SHARE = 4;
    private static final Duration MAX_WARM_UP = Duration.ofSeconds(10);

    /** Returns how long batches are published before those that count: a quarter of the duration, 10 seconds at most. */
    public Duration warmUp() {
        Duration share = duration.dividedBy(WARM_UP_SHARE);
        return share.compareTo(MAX_WARM_UP) < 0 ? share : MAX_WARM_UP;
    }

    boolean isLimited() {
        return Double.isFinite(batchesPerSecond);
    }

    /** Returns the time between two batches of all publishers together; 0 where there is no limit. */
    double intervalNanos() {
        return NANOS_PER_SECOND / batchesPerSecond;
    }
}
