package io.bowstring.broker;

import java.time.Duration;

/**
 * How many topics a broker has and what each remembers. Immutable.
 *
 * @param maxTopics topics, those that are only waited for included
 * @param maxProducers producers that one topic remembers, those that are connected included
 * @param producerAge how long a topic remembers a producer at least after it was connected last
 */
public record TopicLimits(int maxTopics, int maxProducers, Duration producerAge) {
    /** 10,000 topics of 1,000 producers each, which are remembered for a day. */
    public static final TopicLimits DEFAULTS = new TopicLimits(10_000, 1_000, Duration.ofDays(1));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public TopicLimits {
        BrokerConfig.requirePositive("maxTopics", maxTopics);
        BrokerConfig.requirePositive("maxProducers", maxProducers);
        requirePositive("producerAge", producerAge);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** Returns these limits with another number of topics. */
    public TopicLimits withMaxTopics(int topics) {
        return new TopicLimits(topics, maxProducers, producerAge);
    }

    /** Returns these limits with another number of producers. */
    public TopicLimits withMaxProducers(int producers) {
        return new TopicLimits(maxTopics, producers, producerAge);
    }
}
