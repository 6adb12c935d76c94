package io.bowstring.cli.bench;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long batches took from when they were due to when they were received, in microseconds: what so many percent of them took
 * at most. Immutable.
 */
public record Latency(double p50, double p90, double p99, double p999, double max) {
    private static final double NANOS_PER_MICRO = 1e3;

    /** Returns what a histogram of nanoseconds says, borrowed; null where it is empty. */
    static @Nullable Latency of(Histogram nanos) {
        return nanos.getTotalCount() == 0
                ? null
                : new Latency(
                        at(nanos, 50),
                        at(nanos, 90),
                        at(nanos, 99),
                        at(nanos, 99.9),
                        nanos.getMaxValue() / NANOS_PER_MICRO);
    }

    private static double at(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }
}
