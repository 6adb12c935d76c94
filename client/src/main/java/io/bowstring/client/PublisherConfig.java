package io.bowstring.client;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.vector.BatchWriterConfig;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a publisher works. Immutable.
 *
 * @param topic where to
 * @param producer under which id the batches are numbered; null: one by chance, so that a publisher knows its batches again
 *     after a reconnect, and another run of the program does not
 * @param firstSequence the number of the first batch; with an id that has published before, those batches that the topic has
 *     already are acknowledged and not appended again
 * @param seals whether {@code finish} completes the topic
 * @param maxInFlightBytes how much may be published and not acknowledged yet; one batch more than this
 * @param writer how vectors are written; not for messages
 */
public record PublisherConfig(
        TopicName topic,
        @Nullable ProducerId producer,
        long firstSequence,
        boolean seals,
        long maxInFlightBytes,
        BatchWriterConfig writer) {
    private static final long MAX_IN_FLIGHT_BYTES = 16 << 20;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if {@code firstSequence} is negative or {@code maxInFlightBytes} is not positive
     */
    public PublisherConfig {
        if (firstSequence < 0) {
            throw new IllegalArgumentException("firstSequence: " + firstSequence + " (expected: at least 0)");
        }
        if (maxInFlightBytes < 1) {
            throw new IllegalArgumentException("maxInFlightBytes: " + maxInFlightBytes + " (expected: at least 1)");
        }
    }

    /** Returns the defaults: numbers from 0 under an id by chance, no seal, 16 MiB in flight. */
    public static PublisherConfig of(TopicName topic) {
        return new PublisherConfig(topic, null, 0, false, MAX_IN_FLIGHT_BYTES, BatchWriterConfig.DEFAULTS);
    }

    /** Returns this configuration with another id, and the number of the first batch. */
    public PublisherConfig withProducer(ProducerId id, long first) {
        return new PublisherConfig(topic, id, first, seals, maxInFlightBytes, writer);
    }

    /** Returns this configuration with the topic completed at the end or not. */
    public PublisherConfig withSeal(boolean isSealing) {
        return new PublisherConfig(topic, producer, firstSequence, isSealing, maxInFlightBytes, writer);
    }

    /** Returns this configuration with another bound for what is not acknowledged. */
    public PublisherConfig withMaxInFlightBytes(long bytes) {
        return new PublisherConfig(topic, producer, firstSequence, seals, bytes, writer);
    }

    /** Returns this configuration with vectors written in another way. */
    public PublisherConfig withWriter(BatchWriterConfig other) {
        return new PublisherConfig(topic, producer, firstSequence, seals, maxInFlightBytes, other);
    }

    /** Returns the request of each connection of one publisher. */
    PublishRequest newRequest() {
        ProducerId id = producer == null ? new ProducerId(UUID.randomUUID().toString()) : producer;
        return new PublishRequest(topic, true, seals, id);
    }
}
