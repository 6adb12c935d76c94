package io.bowstring.storage;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchMarker;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;

/** The schema that each segment of a log begins with, and what the log keeps in its metadata. Not instantiable. */
final class SegmentHead {
    static final String TOPIC = "bowstring.topic";
    static final String LOG = "bowstring.log";
    static final String PRODUCERS = "bowstring.producers";

    private SegmentHead() {}

    /**
     * Returns a topic's schema as its segments begin, with its checksum; owned.
     *
     * @param schema consumed
     * @param logId which log of the topic it is
     * @param producers those that have numbered batches so far
     */
    static IpcSchema of(
            IpcSchema schema, TopicName topic, String logId, KeptProducers producers, ByteBufAllocator allocator) {
        IpcMetadataEdit edit = new IpcMetadataEdit(
                "bowstring.",
                List.of(
                        Map.entry(TOPIC, topic.value()),
                        Map.entry(LOG, logId),
                        Map.entry(SegmentFormat.KEY, Integer.toString(SegmentFormat.CURRENT)),
                        Map.entry(PRODUCERS, producers.toString()),
                        Map.entry(BatchMarker.CHECKSUM_KEY, BatchMarker.UNSET_CHECKSUM)));
        IpcSchema head = schema.edited(edit, allocator);
        try {
            FrameChecksum.set(head.frame());
            return head;
        } catch (RuntimeException | Error e) {
            head.release();
            throw e;
        }
    }
}
