package io.bowstring.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stream is the data: its batches are appended to a topic. Immutable.
 *
 * @param topic where to
 * @param wantsAcks whether the publisher wants {@link Acknowledgement}s
 * @param seals whether the end of this stream completes the topic
 */
public record PublishRequest(TopicName topic, boolean wantsAcks, boolean seals) implements Request {
    private static final List<String> KEYS = List.of(Keys.PUBLISH, Keys.ACK, Keys.SEAL, Keys.TOKEN);

    static PublishRequest parse(Map<String, String> entries) {
        Request.requireKeys(entries, KEYS);
        return new PublishRequest(
                new TopicName(entries.getOrDefault(Keys.PUBLISH, "")),
                Request.flag(entries, Keys.ACK),
                Request.flag(entries, Keys.SEAL));
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
        return entries;
    }
}
