package io.bowstring.broker;

/**
 * What a broker may hold. Immutable.
 *
 * @param windowBytes memory of one topic's log, in bytes; a single larger batch is held alone
 * @param maxTopics topics, those that are only waited for included
 * @param maxDictionaryBytes memory of the dictionaries in force for one publisher, in bytes
 * @param maxInFlightBytes what one publisher may have sent that is not in the log yet, in bytes; above it reading pauses
 * @param maxProducers producers that one topic remembers, those that are connected included
 */
public record BrokerConfig(
        long windowBytes, int maxTopics, long maxDictionaryBytes, long maxInFlightBytes, int maxProducers) {
    /** A window of 64 MiB per topic. */
    public static final BrokerConfig DEFAULTS = new BrokerConfig(64L << 20, 10_000, 128L << 20, 16L << 20, 1_000);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public BrokerConfig {
        requirePositive("windowBytes", windowBytes);
        requirePositive("maxTopics", maxTopics);
        requirePositive("maxDictionaryBytes", maxDictionaryBytes);
        requirePositive("maxInFlightBytes", maxInFlightBytes);
        requirePositive("maxProducers", maxProducers);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
