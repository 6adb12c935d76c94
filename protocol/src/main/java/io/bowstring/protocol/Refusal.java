package io.bowstring.protocol;

import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reply to a request that is refused: a stream without fields and batches whose schema says why. Immutable.
 *
 * @param code the name on the wire; not an {@link ErrorCode}, since a newer server may know more of them
 * @param message for people
 */
public record Refusal(String code, String message) {
    /** Returns the refusal that an exception stands for. */
    public static Refusal of(ProtocolException e) {
        return new Refusal(e.code().name(), String.valueOf(e.getMessage()));
    }

    /** Returns the refusal that a reply's schema carries, or null where the reply is not a refusal. */
    public static @Nullable Refusal parse(IpcSchema reply) {
        Map<String, String> entries = reply.schemaMetadata();
        String code = entries.get(Keys.ERROR);
        return code == null ? null : new Refusal(code, entries.getOrDefault(Keys.MESSAGE, ""));
    }

    /** Returns the schema message of the reply, owned. */
    public IpcSchema toSchema(ByteBufAllocator allocator) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.ERROR, code);
        entries.put(Keys.MESSAGE, message);
        return IpcSchema.of(List.of(), entries, allocator);
    }
}
