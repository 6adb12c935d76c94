package io.bowstring.protocol;

import io.bowstring.codec.IpcMetadataEdit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The head of a subscription's reply, as it stands in the metadata of the topic's schema. Immutable.
 *
 * @param topic which
 * @param offset of the first batch to come
 */
public record SubscriptionStart(TopicName topic, long offset) {
    /** Returns the edit that marks the topic's schema; what stood there of the protocol goes. */
    public IpcMetadataEdit toEdit() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.TOPIC, topic.value());
        entries.put(Keys.OFFSET, Long.toString(offset));
        return new IpcMetadataEdit(Keys.PREFIX, entries);
    }
}
