package io.bowstring.broker;

import java.time.Duration;

/**
 * How many topics a broker has, who may make them, for how long one stays that is empty, and what each remembers. Immutable.
 *
 * @param maxTopics topics, those that are only waited for included; a source alone gets three quarters of them
 * @param maxNewTopicsPerMinute topics that the connections of one source may make in a minute
 * @param emptyTopicAge how long a topic stays at least that has nothing to keep and that nobody attends
 * @param maxProducers producers that one topic remembers, those that are connected included; sources share them as {@link FairPlaces} says
 * @param producerAge how long a topic remembers a producer at least after it was connected last
 */
public record TopicLimits(
        int maxTopics, int maxNewTopicsPerMinute, Duration emptyTopicAge, int maxProducers, Duration producerAge) {
    /** 10,000 topics of 1,000 producers each, which are remembered for a day; an empty topic stays for 10 minutes. */
    public static final TopicLimits DEFAULTS =
            new TopicLimits(10_000, 1_000, Duration.ofMinutes(10), 1_000, Duration.ofDays(1));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public TopicLimits {
        Ranges.requirePositive("maxTopics", maxTopics);
        Ranges.requirePositive("maxNewTopicsPerMinute", maxNewTopicsPerMinute);
        Ranges.requirePositive("emptyTopicAge", emptyTopicAge);
        Ranges.requirePositive("maxProducers", maxProducers);
        Ranges.requirePositive("producerAge", producerAge);
    }

    /** Returns these limits with another number of topics. */
    public TopicLimits withMaxTopics(int topics) {
        return new TopicLimits(topics, maxNewTopicsPerMinute, emptyTopicAge, maxProducers, producerAge);
    }

    /** Returns these limits with another number of topics that one source may make in a minute. */
    public TopicLimits withMaxNewTopicsPerMinute(int newTopics) {
        return new TopicLimits(maxTopics, newTopics, emptyTopicAge, maxProducers, producerAge);
    }

    /** Returns these limits with another number of producers. */
    public TopicLimits withMaxProducers(int producers) {
        return new TopicLimits(maxTopics, maxNewTopicsPerMinute, emptyTopicAge, producers, producerAge);
    }

    /** Returns these limits with another time for which an empty topic stays. */
    public TopicLimits withEmptyTopicAge(Duration age) {
        return new TopicLimits(maxTopics, maxNewTopicsPerMinute, age, maxProducers, producerAge);
    }

    /** Returns these limits with another time for which a producer is remembered. */
    public TopicLimits withProducerAge(Duration age) {
        return new TopicLimits(maxTopics, maxNewTopicsPerMinute, emptyTopicAge, maxProducers, age);
    }
}
