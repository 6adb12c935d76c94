package io.bowstring.broker;

import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.List;

/**
 * What a broker may hold. Immutable.
 *
 * @param topic what of a topic is retained, where no override says otherwise
 * @param overrides for topics by name, in the order in which they are applied: of two that match, the later one holds
 * @param names what names topics may have, by patterns of which one must match
 * @param topics how many topics there may be, and what each may remember
 * @param maxDictionaryBytes memory of the dictionaries in force for one publisher, in bytes
 * @param maxDictionaryDeltas deltas that one dictionary may be made of; the next one has them put together
 * @param maxInFlightBytes what one publisher may have sent that is not in the log yet, in bytes; above it reading pauses
 * @param blockTimeout how long a subscription that blocks may stand still while somebody waits for it; then it is treated
 *     as one with {@code on-lag = disconnect}
 * @param minBlockBytesPerSecond how fast such a subscription must take batches, as an average over as much time in which
 *     somebody waits for it; 0 is at any rate
 * @param memory what all of it may use together, and one connection or topic of that
 */
public record BrokerConfig(
        TopicConfig topic,
        List<TopicOverride> overrides,
        List<TopicPattern> names,
        TopicLimits topics,
        long maxDictionaryBytes,
        int maxDictionaryDeltas,
        long maxInFlightBytes,
        Duration blockTimeout,
        long minBlockBytesPerSecond,
        MemoryConfig memory) {
    private static final Duration DEFAULT_BLOCK_TIMEOUT = Duration.ofSeconds(30);
    private static final long DEFAULT_MIN_BLOCK_RATE = 64 << 10;
    private static final int DEFAULT_MAX_DICTIONARY_DELTAS = 256;
    private static final List<TopicPattern> ANY_NAME = List.of(new TopicPattern("*"));

    /** A window of 64 MiB per topic; for all of them 60 % of the direct memory that the JVM may use. */
    public static final BrokerConfig DEFAULTS = new BrokerConfig(
            TopicConfig.DEFAULTS,
            List.of(),
            ANY_NAME,
            TopicLimits.DEFAULTS,
            128L << 20,
            DEFAULT_MAX_DICTIONARY_DELTAS,
            16L << 20,
            DEFAULT_BLOCK_TIMEOUT,
            DEFAULT_MIN_BLOCK_RATE,
            MemoryConfig.DEFAULTS);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive, or there are no names
     */
    public BrokerConfig {
        overrides = List.copyOf(overrides);
        names = List.copyOf(names);
        Ranges.requirePositive("names", names.size());
        Ranges.requirePositive("maxDictionaryBytes", maxDictionaryBytes);
        Ranges.requirePositive("maxDictionaryDeltas", maxDictionaryDeltas);
        Ranges.requirePositive("maxInFlightBytes", maxInFlightBytes);
        if (blockTimeout.isZero() || blockTimeout.isNegative()) {
            throw new IllegalArgumentException("blockTimeout: " + blockTimeout + " (expected: > 0)");
        }
        if (minBlockBytesPerSecond < 0 || minBlockBytesPerSecond > 1 << 30) {
            throw new IllegalArgumentException(
                    "minBlockBytesPerSecond: " + minBlockBytesPerSecond + " (expected: 0.." + (1 << 30) + ")");
        }
    }

    /**
     * Creates a configuration with a window of {@code windowBytes} per topic, these limits, and defaults for all else.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public BrokerConfig(
            long windowBytes, int maxTopics, long maxDictionaryBytes, long maxInFlightBytes, int maxProducers) {
        this(
                TopicConfig.DEFAULTS.withWindowBytes(windowBytes),
                List.of(),
                ANY_NAME,
                TopicLimits.DEFAULTS.withMaxTopics(maxTopics).withMaxProducers(maxProducers),
                maxDictionaryBytes,
                DEFAULT_MAX_DICTIONARY_DELTAS,
                maxInFlightBytes,
                DEFAULT_BLOCK_TIMEOUT,
                DEFAULT_MIN_BLOCK_RATE,
                MemoryConfig.DEFAULTS);
    }

    /** Returns whether there may be a topic of that name. */
    boolean allows(TopicName name) {
        return names.stream().anyMatch(pattern -> pattern.matches(name));
    }

    /** Returns what of the topic of that name is retained. */
    public TopicConfig topic(TopicName name) {
        TopicConfig config = topic;
        for (TopicOverride override : overrides) {
            if (override.pattern().matches(name)) {
                config = override.applyTo(config);
            }
        }
        return config;
    }

    /** Returns this configuration with another retention, where no override says otherwise. */
    public BrokerConfig withTopic(TopicConfig otherTopic) {
        return new BrokerConfig(
                otherTopic,
                overrides,
                names,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with other limits of topics. */
    public BrokerConfig withTopics(TopicLimits otherTopics) {
        return new BrokerConfig(
                topic,
                overrides,
                names,
                otherTopics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with other overrides. */
    public BrokerConfig withOverrides(List<TopicOverride> otherOverrides) {
        return new BrokerConfig(
                topic,
                otherOverrides,
                names,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with other names that topics may have. */
    public BrokerConfig withNames(List<TopicPattern> otherNames) {
        return new BrokerConfig(
                topic,
                overrides,
                otherNames,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with another bound on the deltas of a dictionary. */
    public BrokerConfig withMaxDictionaryDeltas(int deltas) {
        return new BrokerConfig(
                topic,
                overrides,
                names,
                topics,
                maxDictionaryBytes,
                deltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with another time limit for subscriptions that block. */
    public BrokerConfig withBlockTimeout(Duration timeout) {
        return new BrokerConfig(
                topic,
                overrides,
                names,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                timeout,
                minBlockBytesPerSecond,
                memory);
    }

    /** Returns this configuration with another limit for all topics and publishers together. */
    public BrokerConfig withMemoryBytes(long bytes) {
        return withMemory(memory.withMemoryBytes(bytes));
    }

    /** Returns this configuration with other limits for the memory. */
    public BrokerConfig withMemory(MemoryConfig otherMemory) {
        return new BrokerConfig(
                topic,
                overrides,
                names,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                minBlockBytesPerSecond,
                otherMemory);
    }

    /** Returns what all of it may use together, in bytes. */
    public long memoryBytes() {
        return memory.memoryBytes();
    }

    /** Returns this configuration with another rate for subscriptions that block. */
    public BrokerConfig withMinBlockRate(long bytesPerSecond) {
        return new BrokerConfig(
                topic,
                overrides,
                names,
                topics,
                maxDictionaryBytes,
                maxDictionaryDeltas,
                maxInFlightBytes,
                blockTimeout,
                bytesPerSecond,
                memory);
    }

    /** Returns so many hundredths of the direct memory that the JVM may use, in bytes. */
    public static long directMemory(int percent) {
        return Ranges.directMemory(percent);
    }
}
