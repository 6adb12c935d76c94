package io.bowstring.protocol;

import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;

/**
 * A topic is to be removed with all that it holds. Immutable.
 *
 * @param topic which
 */
public record DeleteRequest(TopicName topic) implements Request {
    private static final List<String> KEYS = List.of(Keys.DELETE);

    static DeleteRequest parse(Map<String, String> entries) {
        Requests.requireKeys(entries, KEYS);
        return new DeleteRequest(new TopicName(entries.getOrDefault(Keys.DELETE, "")));
    }

    /** Returns the schema message of the reply where the topic has been removed, owned. */
    public static IpcSchema toReply(ByteBufAllocator allocator) {
        return IpcSchema.of(List.of(), Map.of(), allocator);
    }

    @Override
    public Map<String, String> toMetadata() {
        return Map.of(Keys.DELETE, topic.value());
    }
}
