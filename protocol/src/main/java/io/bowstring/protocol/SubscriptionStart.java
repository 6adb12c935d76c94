package io.bowstring.protocol;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The head of a subscription's reply, as it stands in the metadata of the topic's schema. Immutable.
 *
 * @param topic which
 * @param log which log of the topic the offsets are of: a server that is started again begins another one; empty where a
 *     reply does not say
 * @param offset of the first batch to come; -1 where a reply does not say
 */
public record SubscriptionStart(TopicName topic, String log, long offset) {
    /** Reads the mark of a reply to a subscription, which is borrowed. */
    public static SubscriptionStart parse(IpcSchema reply) {
        Map<String, String> entries = reply.schemaMetadata();
        return new SubscriptionStart(
                new TopicName(entries.getOrDefault(Keys.TOPIC, "")),
                entries.getOrDefault(Keys.LOG, ""),
                DecimalText.parse(Keys.OFFSET, entries.getOrDefault(Keys.OFFSET, "-1"), "a number"));
    }

    /** Returns the edit that marks the topic's schema; what stood there of the protocol goes. */
    public IpcMetadataEdit toEdit() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.TOPIC, topic.value());
        entries.put(Keys.LOG, log);
        entries.put(Keys.OFFSET, Long.toString(offset));
        return new IpcMetadataEdit(Keys.PREFIX, entries);
    }
}
