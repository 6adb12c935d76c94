package io.bowstring.protocol;

import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The head of the reply to a producer, as it stands in the metadata of the acknowledgements' schema. Immutable.
 *
 * @param log which log of the topic takes the batches: a server that is started again begins another one; empty where a reply
 *     does not say
 * @param lastSequence of the last batch that the topic has of the producer; {@link BatchSequence#NONE} where there is none
 */
public record PublicationStart(String log, long lastSequence) {
    /** Reads the head of a reply, which is borrowed; what it does not say is empty, or none. */
    public static PublicationStart parse(IpcSchema reply) {
        Map<String, String> entries = reply.schemaMetadata();
        String last = entries.getOrDefault(Keys.SEQUENCE, Long.toString(BatchSequence.NONE));
        return new PublicationStart(
                entries.getOrDefault(Keys.LOG, ""), DecimalText.parse(Keys.SEQUENCE, last, "a number"));
    }

    /** Returns the schema message of the reply, owned. */
    public IpcSchema toSchema(ByteBufAllocator allocator) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.LOG, log);
        entries.put(Keys.SEQUENCE, Long.toString(lastSequence));
        return IpcSchema.of(Acknowledgement.FIELDS, entries, allocator);
    }
}
