package io.bowstring.broker;

/**
 * Limits on the memory that one publisher takes in its topic. Immutable.
 *
 * @param maxDictionaryBytes memory of its dictionaries in force, in bytes
 * @param maxDictionaryDeltas deltas that one dictionary may be made of; the next one has them put together
 * @param maxInFlightBytes what it may have sent that is not in the log yet, in bytes; above it reading pauses
 */
public record PublisherLimits(long maxDictionaryBytes, int maxDictionaryDeltas, long maxInFlightBytes) {
    /** 128 MiB of dictionaries, 256 deltas, 16 MiB in flight. */
    public static final PublisherLimits DEFAULTS = new PublisherLimits(128L << 20, 256, 16L << 20);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public PublisherLimits {
        Ranges.requirePositive("maxDictionaryBytes", maxDictionaryBytes);
        Ranges.requirePositive("maxDictionaryDeltas", maxDictionaryDeltas);
        Ranges.requirePositive("maxInFlightBytes", maxInFlightBytes);
    }

    /** Returns these limits with another bound on the deltas of a dictionary. */
    public PublisherLimits withMaxDictionaryDeltas(int deltas) {
        return new PublisherLimits(maxDictionaryBytes, deltas, maxInFlightBytes);
    }

    /** Returns these limits with another bound on the dictionaries of a publisher. */
    public PublisherLimits withMaxDictionaryBytes(long bytes) {
        return new PublisherLimits(bytes, maxDictionaryDeltas, maxInFlightBytes);
    }

    /** Returns these limits with another bound on what a publisher has in flight. */
    public PublisherLimits withMaxInFlightBytes(long bytes) {
        return new PublisherLimits(maxDictionaryBytes, maxDictionaryDeltas, bytes);
    }
}
