package io.bowstring.server;

import java.time.Duration;

/**
 * How fast the rest of a message must come that has begun, and how fast a peer must take what is there for it. Immutable.
 *
 * @param minBytesPerSecond the rate; 0 switches this limit off
 * @param minRateTime the time that it is an average over
 */
public record MinRate(long minBytesPerSecond, Duration minRateTime) {
    /** 1 KiB per second over 30 seconds. */
    public static final MinRate DEFAULTS = new MinRate(1_024, Duration.ofSeconds(30));

    /**
     * Checks both components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public MinRate {
        if (minBytesPerSecond < 0 || minBytesPerSecond > 1 << 30) {
            throw new IllegalArgumentException(
                    "minBytesPerSecond: " + minBytesPerSecond + " (expected: 0.." + (1 << 30) + ")");
        }
        if (minRateTime.isZero()) {
            throw new IllegalArgumentException("minRateTime: " + minRateTime + " (expected: > 0)");
        }
        ConnectionLimits.requireTime("minRateTime", minRateTime);
    }

    /** Returns this with another rate. */
    public MinRate withMinBytesPerSecond(long bytesPerSecond) {
        return new MinRate(bytesPerSecond, minRateTime);
    }

    /** Returns this with another time that the rate is an average over. */
    public MinRate withMinRateTime(Duration time) {
        return new MinRate(minBytesPerSecond, time);
    }
}
