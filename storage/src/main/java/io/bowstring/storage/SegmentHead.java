package io.bowstring.storage;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The schema that each segment of a log begins with, and what the log keeps in its metadata: all who write or read the head of a segment
 * do it here. Owns the topic's schema. Confined to one thread at a time.
 */
final class SegmentHead {
    static final String TOPIC = "bowstring.topic";
    static final String LOG = "bowstring.log";
    static final String PRODUCERS = "bowstring.producers";

    private static final int CHUNK_BYTES = 64 << 10;

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

    /** Releases the topic's schema. */
    void release() {
        schema.release();
    }

    /** Returns whether the head of a segment says that the segment before had not been synced; not where it cannot be read. */
    static boolean followsUnsynced(Disk disk, Path segment) {
        try {
            IpcSchema head = tryRead(disk, segment);
            if (head == null) {
                return false; // it is found to be damaged itself
            }
            try {
                return UNSYNCED.equals(head.schemaMetadata().get(FOLLOWS));
            } finally {
                head.release();
            }
        } catch (IOException e) {
            return false; // it is found to be unreadable itself
        }
    }

    /**
     * Reads the head of a segment.
     *
     * @return owned; null where the file begins with anything else than a schema that is as it was written
     * @throws IOException where the disk fails
     */
    static @Nullable IpcSchema tryRead(DiskFile segment) throws IOException {
        IpcMessage first = new StoredMessages(segment, segment.size(), CHUNK_BYTES).next();
        if (first instanceof IpcSchema schema && isWhole(schema)) {
            return schema;
        }
        if (first != null) {
            first.release();
        }
        return null;
    }

    private static boolean isWhole(IpcSchema schema) {
        try {
            FrameChecksum.require(schema.frame());
            return true;
        } catch (IpcException e) {
            return false;
        }
    }

    /** As {@link #tryRead(DiskFile)}, of a file that is opened for it. */
    static @Nullable IpcSchema tryRead(Disk disk, Path file) throws IOException {
        try (DiskFile segment = disk.open(file)) {
            return tryRead(segment);
        }
    }

    /**
     * Reads the head of a segment; owned.
     *
     * @throws IOException where the disk fails, or the file begins with anything else than a schema that is as it was written
     */
    static IpcSchema read(Disk disk, Path file) throws IOException {
        IpcSchema schema = tryRead(disk, file);
        if (schema == null) {
            throw new IOException(file + ": begins with no whole schema (expected: the topic's, with its checksum)");
        }
        return schema;
    }

    /** Returns the format that a head, borrowed, says; empty where it says none. */
    static Optional<String> format(IpcSchema head) {
        return Optional.ofNullable(head.schemaMetadata().get(SegmentFormat.KEY))
                .or(() -> Optional.ofNullable(head.customMetadata().get(SegmentFormat.KEY)));
    }

    /** Returns which log of the topic a head, borrowed, is of. */
    static String logId(IpcSchema head) {
        return head.schemaMetadata().getOrDefault(LOG, "");
    }

    /** Adds the producers that a head, borrowed, says. */
    static void addProducers(IpcSchema head, KeptProducers producers) {
        producers.parse(head.schemaMetadata().getOrDefault(PRODUCERS, ""));
    }
}
