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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The schema that each segment of a log begins with, and what the log keeps in its metadata: all who read the head of a segment read it
 * here. Not instantiable.
 */
final class SegmentHead {
    static final String TOPIC = "bowstring.topic";
    static final String LOG = "bowstring.log";
    static final String PRODUCERS = "bowstring.producers";

    private static final int CHUNK_BYTES = 64 << 10;

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
