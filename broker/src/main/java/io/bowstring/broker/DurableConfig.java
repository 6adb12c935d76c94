package io.bowstring.broker;

import java.time.Duration;

/**
 * Says how a topic is kept on disk, if the server has a data directory. Immutable.
 *
 * @param isDurable whether any of it is
 * @param sync when it must survive a loss of power
 * @param syncInterval for {@link SyncPolicy#INTERVAL}
 * @param retainedBytes how many bytes are kept; 0 where that does not matter
 * @param retainedAge how long a batch is kept; zero where its age does not matter
 * @param segmentBytes how large a file may become
 * @param segmentAge how long a file is written to
 */
public record DurableConfig(
        boolean isDurable,
        SyncPolicy sync,
        Duration syncInterval,
        long retainedBytes,
        Duration retainedAge,
        long segmentBytes,
        Duration segmentAge) {
    /** Durable, synced before it is acknowledged, 10 GiB in files of 128 MiB that are written to for an hour. */
    public static final DurableConfig DEFAULTS = new DurableConfig(
            true, SyncPolicy.ALWAYS, Duration.ofSeconds(1), 10L << 30, Duration.ZERO, 128L << 20, Duration.ofHours(1));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public DurableConfig {
        Ranges.requirePositive("syncInterval", syncInterval);
        Ranges.requireNotNegative("retainedBytes", retainedBytes);
        if (retainedAge.isNegative()) {
            throw new IllegalArgumentException("retainedAge: " + retainedAge + " (expected: >= 0)");
        }
        Ranges.requirePositive("segmentBytes", segmentBytes);
        Ranges.requirePositive("segmentAge", segmentAge);
    }

    /** Returns this configuration for topics that are durable, or for others. */
    public DurableConfig withDurable(boolean otherIsDurable) {
        return new DurableConfig(
                otherIsDurable, sync, syncInterval, retainedBytes, retainedAge, segmentBytes, segmentAge);
    }

    /** Returns this configuration with another time at which what is written must survive a loss of power. */
    public DurableConfig withSync(SyncPolicy policy) {
        return new DurableConfig(isDurable, policy, syncInterval, retainedBytes, retainedAge, segmentBytes, segmentAge);
    }

    /** Returns this configuration with another interval for {@link SyncPolicy#INTERVAL}. */
    public DurableConfig withSyncInterval(Duration interval) {
        return new DurableConfig(isDurable, sync, interval, retainedBytes, retainedAge, segmentBytes, segmentAge);
    }

    /** Returns this configuration with another bound on what is kept; 0 is none. */
    public DurableConfig withRetainedBytes(long bytes) {
        return new DurableConfig(isDurable, sync, syncInterval, bytes, retainedAge, segmentBytes, segmentAge);
    }

    /** Returns this configuration with another bound on the age of what is kept; zero is none. */
    public DurableConfig withRetainedAge(Duration age) {
        return new DurableConfig(isDurable, sync, syncInterval, retainedBytes, age, segmentBytes, segmentAge);
    }

    /** Returns this configuration with files of another size. */
    public DurableConfig withSegmentBytes(long bytes) {
        return new DurableConfig(isDurable, sync, syncInterval, retainedBytes, retainedAge, bytes, segmentAge);
    }

    /** Returns this configuration with files that are written to for another time. */
    public DurableConfig withSegmentAge(Duration age) {
        return new DurableConfig(isDurable, sync, syncInterval, retainedBytes, retainedAge, segmentBytes, age);
    }
}
