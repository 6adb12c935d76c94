package io.bowstring.bench.peers;

import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * The delays of a lane's batches at one rate, in all rounds together. Confined to the caller's thread.
 *
 * @param lane its name
 * @param shape what it delivered
 * @param rate which rate
 * @param publishedPerSecond batches that the publisher was to publish
 * @param delayNanos how late they were
 */
record Delay(String lane, Shape shape, Rate rate, double publishedPerSecond, Histogram delayNanos) {
    /** With fewer delays p99 would be little else than the longest one. */
    private static final int MIN_FOR_P99 = 300;

    private static final int DIGITS = 3;

    /** Which rate. */
    enum Rate {
        /** Half of what the lane delivers at most. */
        HALF,
        /** Half of what the slowest lane delivers at most. */
        COMMON
    }

    /** Creates one without delays. */
    static Delay of(String lane, Shape shape, Rate rate, double publishedPerSecond) {
        return new Delay(lane, shape, rate, publishedPerSecond, new Histogram(DIGITS));
    }

    long count() {
        return delayNanos.getTotalCount();
    }

    /** Returns what half of the delays are not above. */
    double p50Micros() {
        return delayNanos.getValueAtPercentile(50) / 1e3;
    }

    /** Returns what 99 % of the delays are not above; empty where there are too few. */
    Optional<Double> p99Micros() {
        return count() < MIN_FOR_P99 ? Optional.empty() : Optional.of(delayNanos.getValueAtPercentile(99) / 1e3);
    }

    double maxMicros() {
        return delayNanos.getMaxValue() / 1e3;
    }
}
