package io.bowstring.storage;

import io.bowstring.broker.KeptLog;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the log of a topic that may have been left by a stop, a kill or a loss of power.
 *
 * <p>How far publishers have come is read in the newest segment that is whole: its head says how far they had come before it, its batches
 * how they continued. What a newer segment had that is damaged, or cannot be read, does not count: nobody can read it in the topic. If it
 * counted, a publisher that repeats it would be told that it is kept. So a number goes back to that of the last batch that is there.
 *
 * <p>Not instantiable.
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

    private LogRecovery() {}

    /**
     * Brings the files of a topic in order.
     *
     * @param segments gets those that are whole
     * @param producers gets those that have numbered batches
     * @return what is kept, the schema owned; null where nothing is
     * @throws IOException where the directory or all segments cannot be read, or it has another format
     */
    static @Nullable KeptLog run(LogFiles files, Segments segments, KeptProducers producers) throws IOException {
        long startNanos = System.nanoTime();
        KeptLog kept = recover(files, segments, producers);
        if (kept != null) {
            LOG.info(
                    "topic {}: open: {} segments, {} bytes, next offset {}, {} ms",
                    files.topic(),
                    segments.size(),
                    segments.extent(kept.nextOffset()).bytes(),
                    kept.nextOffset(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        }
        return kept;
    }

    private static @Nullable KeptLog recover(LogFiles files, Segments segments, KeptProducers producers)
            throws IOException {
        if (!files.disk().isDirectory(files.directory())) {
            return null;
        }
        SegmentRecovery recovery = SegmentRecovery.run(files.disk(), files.names());
        tell(files, recovery);
        recovery.segments().forEach(index -> segments.add(files.stored(index).merged()));
        if (recovery.segments().isEmpty()) {
            requireNoneUnreadable(recovery);
            return null;
        }
        SegmentIndex newest = recovery.segments().get(recovery.segments().size() - 1);
        boolean isSealed = SealFile.isThere(files);
        IpcSchema schema = SegmentHead.read(files.disk(), files.names().segment(newest.firstOffset()));
        try {
            SegmentHead.addProducers(schema, producers);
            addNumbered(files.stored(newest), producers);
            String id = SegmentHead.logId(schema);
            return new KeptLog(id, schema, recovery.nextOffset(), lastTimeMicros(recovery), isSealed, producers.all());
        } catch (IOException | RuntimeException | Error e) {
            schema.release();
            throw e;
        }
    }

    private static long lastTimeMicros(SegmentRecovery recovery) {
        return recovery.segments().stream()
                .mapToLong(SegmentIndex::timeMicros)
                .max()
                .orElse(0);
    }

    /** Throws where there may be a log: another one in its place would be mixed with it as soon as it can be read. */
    private static void requireNoneUnreadable(SegmentRecovery recovery) throws IOException {
        for (Path file : recovery.unreadable()) {
            if (SegmentFiles.ofSegment(file).isPresent()) {
                throw new IOException(file + ": cannot be read (expected: one segment of the topic can be)");
            }
        }
    }

    /**
     * Reads the ranges of a segment in which publishers have numbered batches. What is in a range that is damaged is not in the topic any
     * more: its publishers may publish it again, and ranges after it say how they continued.
     */
    static void addNumbered(StoredSegment segment, KeptProducers producers) throws IOException {
        SegmentIndex index = segment.index();
        if (!segment.tryAcquire()) {
            return;
        }
        try (SegmentMessages messages = new SegmentMessages(segment, Unpooled::buffer)) {
            messages.load(range -> range == 0);
            messages.next().release(); // the schema
            for (int range = 0; range < index.size(); range++) {
                if (index.get(range).isNumbered()) {
                    addNumbered(messages, range, producers);
                }
            }
        }
    }

    private static void addNumbered(SegmentMessages messages, int range, KeptProducers producers) throws IOException {
        try {
            messages.goTo(range);
            while (messages.isReadable() || messages.load(next -> next == range)) {
                IpcMessage message = messages.next();
                if (message instanceof IpcRecordBatch batch) {
                    producers.add(batch.customMetadata());
                }
                message.release();
            }
        } catch (DamagedRangeException e) {
            LOG.warn("{}: how far publishers had come there is not known", e.getMessage());
        }
    }

    private static void tell(LogFiles files, String state, List<Path> paths) {
        paths.forEach(path -> LOG.warn("topic {}: {}: {}", files.topic(), path, state));
    }

    private static void tell(LogFiles files, SegmentRecovery recovery) {
        tell(files, "damaged, and set aside", recovery.damaged());
        tell(files, "cannot be read, and left as it is", recovery.unreadable());
        tell(files, "cut off from a segment that was not whole", recovery.cut());
        recovery.gaps().forEach(gap -> LOG.warn("topic {}: batches are missing: {}", files.topic(), gap));
    }
}
