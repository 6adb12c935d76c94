package io.bowstring.broker;

import io.bowstring.protocol.TopicName;
import java.util.List;

/**
 * What a broker may hold. Immutable.
 *
 * @param topic what of a topic is retained, where no override says otherwise
 * @param overrides for topics by name, in the order in which they are applied: of two that match, the later one holds
 * @param names what names topics may have, by patterns of which one must match
 * @param topics how many topics there may be, and what each may remember
 * @param publishers what one publisher may make its topic hold
 * @param blocking how slow a subscription that blocks may be
 * @param memory what all of it may use together, and one connection or topic of that
 */
public record BrokerConfig(
        TopicConfig topic,
        List<TopicOverride> overrides,
        List<TopicPattern> names,
        TopicLimits topics,
        PublisherLimits publishers,
        BlockLimits blocking,
        MemoryConfig memory) {
    /** A window of 64 MiB per topic; for all of them 60 % of the direct memory that the JVM may use. */
    public static final BrokerConfig DEFAULTS = new BrokerConfig(
            TopicConfig.DEFAULTS,
            List.of(),
            List.of(new TopicPattern("*")),
            TopicLimits.DEFAULTS,
            PublisherLimits.DEFAULTS,
            BlockLimits.DEFAULTS,
            MemoryConfig.DEFAULTS);

    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException if there are none
     */
    public BrokerConfig {
        overrides = List.copyOf(overrides);
        names = List.copyOf(names);
        Ranges.requirePositive("names", names.size());
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
        return new BrokerConfig(otherTopic, overrides, names, topics, publishers, blocking, memory);
    }

    /** Returns this configuration with other overrides. */
    public BrokerConfig withOverrides(List<TopicOverride> otherOverrides) {
        return new BrokerConfig(topic, otherOverrides, names, topics, publishers, blocking, memory);
    }

    /** Returns this configuration with other names that topics may have. */
    public BrokerConfig withNames(List<TopicPattern> otherNames) {
        return new BrokerConfig(topic, overrides, otherNames, topics, publishers, blocking, memory);
    }

    /** Returns this configuration with other limits of topics. */
    public BrokerConfig withTopics(TopicLimits otherTopics) {
        return new BrokerConfig(topic, overrides, names, otherTopics, publishers, blocking, memory);
    }

    /** Returns this configuration with other limits of publishers. */
    public BrokerConfig withPublishers(PublisherLimits otherPublishers) {
        return new BrokerConfig(topic, overrides, names, topics, otherPublishers, blocking, memory);
    }

    /** Returns this configuration with another bound on the deltas of a dictionary. */
    public BrokerConfig withMaxDictionaryDeltas(int deltas) {
        return withPublishers(publishers.withMaxDictionaryDeltas(deltas));
    }

    /** Returns this configuration with other limits of subscriptions that block. */
    public BrokerConfig withBlocking(BlockLimits otherBlocking) {
        return new BrokerConfig(topic, overrides, names, topics, publishers, otherBlocking, memory);
    }

    /** Returns this configuration with another limit for all topics and publishers together. */
    public BrokerConfig withMemoryBytes(long bytes) {
        return withMemory(memory.withMemoryBytes(bytes));
    }

    /** Returns this configuration with other limits for the memory. */
    public BrokerConfig withMemory(MemoryConfig otherMemory) {
        return new BrokerConfig(topic, overrides, names, topics, publishers, blocking, otherMemory);
    }
}
