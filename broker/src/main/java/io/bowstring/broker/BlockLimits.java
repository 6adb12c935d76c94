package io.bowstring.broker;

import java.time.Duration;

/**
 * How slow a subscription with {@code on-lag = block} may be while somebody waits for it; one that is slower is treated as
 * one with {@code disconnect}. Immutable.
 *
 * @param blockTimeout how long it may stand still
 * @param minBlockBytesPerSecond how fast it must take batches, as an average over as much time; 0 is at any rate
 */
public record BlockLimits(Duration blockTimeout, long minBlockBytesPerSecond) {
    /** 30 seconds, and 64 KiB per second. */
    public static final BlockLimits DEFAULTS = new BlockLimits(Duration.ofSeconds(30), 64 << 10);

    /**
     * Checks both components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public BlockLimits {
        Ranges.requirePositive("blockTimeout", blockTimeout);
        if (minBlockBytesPerSecond < 0 || minBlockBytesPerSecond > 1 << 30) {
            throw new IllegalArgumentException(
                    "minBlockBytesPerSecond: " + minBlockBytesPerSecond + " (expected: 0.." + (1 << 30) + ")");
        }
    }

    /** Returns these limits with another time for which a subscription may stand still. */
    public BlockLimits withBlockTimeout(Duration timeout) {
        return new BlockLimits(timeout, minBlockBytesPerSecond);
    }

    /** Returns these limits with another rate. */
    public BlockLimits withMinBlockBytesPerSecond(long bytesPerSecond) {
        return new BlockLimits(blockTimeout, bytesPerSecond);
    }
}
