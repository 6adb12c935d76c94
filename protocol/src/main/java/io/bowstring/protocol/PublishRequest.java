package io.bowstring.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stream is the data: its batches are appended to a topic. Immutable.
 *
 * @param topic where to
 * @param wantsAcks whether the publisher wants {@link Acknowledgement}s
 * @param seals whether the end of this stream completes the topic
 * @param producer under which id each batch has a {@link BatchSequence}; null where none has
 */
public record PublishRequest(
        TopicName topic,
        boolean wantsAcks,
        boolean seals,
        @Nullable ProducerId producer) implements Request {
    private static final List<String> KEYS = List.of(Keys.PUBLISH, Keys.ACK, Keys.SEAL, Keys.PRODUCER);

    /**
     * Checks that a producer hears what is in the topic: else it could not know what to publish again.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public PublishRequest {
        if (producer != null && !wantsAcks) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.ACK, "false", "true with " + Keys.PRODUCER);
        }
    }

    /** Creates a request of a publisher that does not number its batches. */
    public PublishRequest(TopicName topic, boolean wantsAcks, boolean seals) {
        this(topic, wantsAcks, seals, null);
    }

    static PublishRequest parse(Map<String, String> entries) {
        Requests.requireKeys(entries, KEYS);
        String producer = entries.get(Keys.PRODUCER);
        return new PublishRequest(
                new TopicName(entries.getOrDefault(Keys.PUBLISH, "")),
                Requests.flag(entries, Keys.ACK),
                Requests.flag(entries, Keys.SEAL),
                producer == null ? null : new ProducerId(producer));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.PUBLISH, topic.value());
        if (wantsAcks) {
            entries.put(Keys.ACK, "true");
        }
        if (seals) {
            entries.put(Keys.SEAL, "true");
        }
        if (producer != null) {
            entries.put(Keys.PRODUCER, producer.value());
        }
        return entries;
    }
}
