package io.bowstring.broker;

/** Configurations of brokers that hold little. Not instantiable. */
final class SmallBrokers {
    private SmallBrokers() {}

    /** Returns a configuration with a window of {@code windowBytes} for each topic, these limits, and defaults for all else. */
    static BrokerConfig config(
            long windowBytes, int maxTopics, long maxDictionaryBytes, long maxInFlightBytes, int maxProducers) {
        BrokerConfig defaults = BrokerConfig.DEFAULTS;
        return defaults.withTopic(TopicConfig.DEFAULTS.withWindowBytes(windowBytes))
                .withTopics(defaults.topics().withMaxTopics(maxTopics).withMaxProducers(maxProducers))
                .withPublishers(defaults.publishers()
                        .withMaxDictionaryBytes(maxDictionaryBytes)
                        .withMaxInFlightBytes(maxInFlightBytes));
    }
}
