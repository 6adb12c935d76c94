package io.bowstring.client;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.vector.BatchWriterConfig;

/**
 * How a publisher works. Immutable.
 *
 * @param topic where to
 * @param numbering how its batches are numbered
 * @param seals whether {@code finish} completes the topic
 * @param maxInFlightBytes how much may be published and not acknowledged yet; one batch more than this
 * @param writer how vectors are written; not for messages
 */
public record PublisherConfig(
        String topic, Numbering numbering, boolean seals, long maxInFlightBytes, BatchWriterConfig writer) {
    private static final long MAX_IN_FLIGHT_BYTES = 16 << 20;

    /**
     * Checks the name and the number.
     *
     * @throws RefusedException {@code BAD_TOPIC_NAME} if that is no name of a topic
     * @throws IllegalArgumentException if {@code maxInFlightBytes} is not positive
     */
    public PublisherConfig {
        TopicNames.parse(topic);
        if (maxInFlightBytes < 1) {
            throw new IllegalArgumentException("maxInFlightBytes: " + maxInFlightBytes + " (expected: at least 1)");
        }
    }

    /**
     * Returns the defaults: numbers from 0 under a random id, no seal, 16 MiB in flight.
     *
     * @throws RefusedException {@code BAD_TOPIC_NAME} if that is no name of a topic
     */
    public static PublisherConfig of(String topic) {
        return new PublisherConfig(
                topic, Numbering.OF_ONE_LIFE, false, MAX_IN_FLIGHT_BYTES, BatchWriterConfig.DEFAULTS);
    }

    /**
     * Returns this configuration with an id, and the number of the first batch. Where the topic has this number of this id
     * already, the publisher is not opened; see {@link #resuming} and {@link #repeating}.
     */
    public PublisherConfig withProducer(ProducerId id, long first) {
        return with(new Numbering(Numbering.Kind.NEW, id, first));
    }

    /**
     * Returns this configuration, which has an id, with numbers that continue after the last one that the topic has: for a
     * program that is started again, and publishes what is new.
     */
    public PublisherConfig resuming() {
        return with(numbering.withKind(Numbering.Kind.RESUMING));
    }

    /**
     * Returns this configuration, which has an id, with the same numbers as before: for a program that is started again, and
     * publishes the same batches from the first on. Those that the topic has are not added again; their receipts say so.
     */
    public PublisherConfig repeating() {
        return with(numbering.withKind(Numbering.Kind.REPEATING));
    }

    private PublisherConfig with(Numbering other) {
        return new PublisherConfig(topic, other, seals, maxInFlightBytes, writer);
    }

    /** Returns this configuration with the topic completed at the end or not. */
    public PublisherConfig withSeal(boolean isSealing) {
        return new PublisherConfig(topic, numbering, isSealing, maxInFlightBytes, writer);
    }

    /** Returns this configuration with another bound for what is not acknowledged. */
    public PublisherConfig withMaxInFlightBytes(long bytes) {
        return new PublisherConfig(topic, numbering, seals, bytes, writer);
    }

    /** Returns this configuration with vectors written in another way. */
    public PublisherConfig withWriter(BatchWriterConfig other) {
        return new PublisherConfig(topic, numbering, seals, maxInFlightBytes, other);
    }

    /** Returns the request of each connection of one publisher. */
    PublishRequest newRequest() {
        ProducerId named = numbering.producer();
        ProducerId id = named == null ? ProducerId.forOneLife() : named;
        return new PublishRequest(new TopicName(topic), true, seals, id);
    }
}
