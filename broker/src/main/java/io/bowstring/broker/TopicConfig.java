package io.bowstring.broker;

import java.time.Duration;

/**
 * What of a topic is retained: its newest batches, as many as none of these bounds forbids. Immutable.
 *
 * @param windowBytes memory of the topic's log, in bytes; a single larger batch is held alone
 * @param windowBatches batches in the log
 * @param windowAge how long a batch is retained after its append; zero where its age does not matter
 * @param durable what of it is kept on disk besides, where the server has a place for that
 */
public record TopicConfig(long windowBytes, int windowBatches, Duration windowAge, DurableConfig durable) {
    /** 64 MiB; batches of any age, and so many that only empty ones could come to that number. */
    public static final TopicConfig DEFAULTS =
            new TopicConfig(64L << 20, 100_000, Duration.ZERO, DurableConfig.DEFAULTS);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public TopicConfig {
        Ranges.requirePositive("windowBytes", windowBytes);
        Ranges.requirePositive("windowBatches", windowBatches);
        if (windowAge.isNegative()) {
            throw new IllegalArgumentException("windowAge: " + windowAge + " (expected: >= 0)");
        }
    }

    /** Returns this configuration with another bound on the memory of the log. */
    public TopicConfig withWindowBytes(long bytes) {
        return new TopicConfig(bytes, windowBatches, windowAge, durable);
    }

    /** Returns this configuration with another bound on the number of batches. */
    public TopicConfig withWindowBatches(int batches) {
        return new TopicConfig(windowBytes, batches, windowAge, durable);
    }

    /** Returns this configuration with another bound on the age of batches. */
    public TopicConfig withWindowAge(Duration age) {
        return new TopicConfig(windowBytes, windowBatches, age, durable);
    }

    /** Returns this configuration with another rule for what is kept on disk. */
    public TopicConfig withDurable(DurableConfig otherDurable) {
        return new TopicConfig(windowBytes, windowBatches, windowAge, otherDurable);
    }
}
