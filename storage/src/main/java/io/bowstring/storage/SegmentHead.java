package io.bowstring.storage;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchMarker;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The schema that each segment of a log begins with, and what the log keeps in its metadata. Owns the topic's schema. Confined to one
 * thread at a time.
 */
final class SegmentHead {
    static final String TOPIC = "bowstring.topic";
    static final String LOG = "bowstring.log";
    static final String PRODUCERS = "bowstring.producers";

    /** The segment before this one had not been synced when this one began. */
    static final String FOLLOWS = "bowstring.follows";

    private static final String UNSYNCED = "unsynced";

    private final IpcSchema schema;
    private final TopicName topic;
    private final String logId;
    private final KeptProducers producers;
    private final ByteBufAllocator allocator;

    /**
     * Creates the head of the segments of a log.
     *
     * @param schema the topic's; consumed
     * @param logId which log of the topic it is
     * @param producers those that have numbered batches, to which more may be added
     */
    SegmentHead(IpcSchema schema, TopicName topic, String logId, KeptProducers producers, ByteBufAllocator allocator) {
        this.schema = schema;
        this.topic = topic;
        this.logId = logId;
        this.producers = producers;
        this.allocator = allocator;
    }

    /**
     * Returns what the next segment begins with, with its checksum; owned.
     *
     * @param followsUnsynced whether the segment before has not been synced
     */
    IpcSchema next(boolean followsUnsynced) {
        List<Map.Entry<String, String>> entries = new ArrayList<>();
        entries.add(Map.entry(TOPIC, topic.value()));
        entries.add(Map.entry(LOG, logId));
        entries.add(Map.entry(SegmentFormat.KEY, Integer.toString(SegmentFormat.CURRENT)));
        entries.add(Map.entry(PRODUCERS, producers.toString()));
        if (followsUnsynced) {
            entries.add(Map.entry(FOLLOWS, UNSYNCED));
        }
        entries.add(Map.entry(BatchMarker.CHECKSUM_KEY, BatchMarker.UNSET_CHECKSUM));
        IpcSchema head = schema.retain().edited(new IpcMetadataEdit("bowstring.", entries), allocator);
        try {
            FrameChecksum.set(head.frame());
            return head;
        } catch (RuntimeException | Error e) {
            head.release();
            throw e;
        }
    }

    /** Returns whether the head of a segment says that the segment before had not been synced; not where it cannot be read. */
    static boolean followsUnsynced(Disk disk, Path segment) {
        try {
            IpcSchema head = LogRecovery.readSchema(disk, segment);
            try {
                return UNSYNCED.equals(head.schemaMetadata().get(FOLLOWS));
            } finally {
                head.release();
            }
        } catch (IOException | IpcException e) {
            return false; // it is found to be damaged itself
        }
    }

    /** Releases the topic's schema. */
    void release() {
        schema.release();
    }
}
