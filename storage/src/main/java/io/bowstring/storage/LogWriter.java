package io.bowstring.storage;

import io.bowstring.broker.AppendedBatches;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.LogPiece;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a topic has appended to its segments: all that there is at once, while more is appended. A segment is ended, and
 * another begun, where it is large or old enough, or dictionaries are replaced.
 *
 * <p>Where the disk fails, nothing is lost: {@link #writeNext} may be called again, unless a sync has failed. Confined to one thread
 * at a time, which waits for the disk.
 */
final class LogWriter {
    /** So much is written at once, unless one block has more. */
    private static final int GROUP_BYTES = 4 << 20;

    /** A segment ends before replaced dictionaries where it has this part of its full size: else it would have few batches. */
    private static final int SMALLEST_PART = 16;

    /** A segment ends when it has so many ranges, also where each has one small batch: they are in memory until then. */
    private static final int MAX_RANGES = 1 << 14;

    private final LogFiles files;
    private final DurableConfig config;
    private final Segments segments;
    private final SegmentHead head;
    private final KeptProducers producers;
    private final AppendedBatches appended;
    private final Group group;
    private final DiskBacklog backlog;

    /** Where the next batches go; null where that is to be begun. */
    private @Nullable SegmentWriter segment;

    /** As readers have it. */
    private @Nullable StoredSegment stored;

    private long begunNanos;

    /** Dictionaries that the segment has. */
    private final Set<Long> dictionaryIds = new HashSet<>();

    private boolean isSynced = true;

    /** Whether the group is in the segment, though it has not been cleared. */
    private boolean isWritten;

    /**
     * Creates a writer that has written nothing.
     *
     * @param segments gets those that are begun
     * @param head of all segments; consumed
     * @param producers those that have numbered what has been written
     * @param appended where batches come from
     * @param group without anything; owned
     * @param backlog gets what need not be done before more is written
     */
    LogWriter(
            LogFiles files,
            DurableConfig config,
            Segments segments,
            SegmentHead head,
            KeptProducers producers,
            AppendedBatches appended,
            Group group,
            DiskBacklog backlog) {
        this.files = files;
        this.config = config;
        this.segments = segments;
        this.head = head;
        this.producers = producers;
        this.appended = appended;
        this.group = group;
        this.backlog = backlog;
    }

    /**
     * Writes what has been appended, as far as one group has it.
     *
     * @return whether there was anything: all before {@link #nextOffset} is kept, as the topic's configuration says
     * @throws IOException where the disk fails or is full
     */
    boolean writeNext() throws IOException {
        if (group.isEmpty()) {
            fill();
        }
        boolean hasMore = !group.isEmpty();
        if (hasMore) {
            writeGroup();
        }
        if (config.sync() == SyncPolicy.ALWAYS) {
            sync(); // also what was written when something failed after that
        }
        return hasMore;
    }

    private void writeGroup() throws IOException {
        SegmentWriter present = present();
        if (!isWritten) {
            files.requireRoom(group.bytes());
            present.write(group.buffers(), group.checksum(), group.content());
            isWritten = true; // once, whatever fails from here on
            isSynced = false;
        }
        Objects.requireNonNull(stored).setChecked(present.index().size() - 1);
        dictionaryIds.addAll(group.dictionaryIds());
        group.tell(producers);
        group.clear();
        isWritten = false;
    }

    /** Returns the offset after that of the last batch that has been written. */
    long nextOffset() {
        return segment == null ? appended.offset() : segment.index().nextOffset();
    }

    /** Takes what has been appended, until there is enough. */
    private void fill() throws IOException {
        if (segment != null && isOver(segment)) {
            finish();
        }
        while (group.bytes() < GROUP_BYTES) {
            LogPiece piece = appended.take();
            if (piece == null) {
                return;
            }
            boolean isForNext = segment != null && replaces(piece) && hasPart(segment);
            if (isForNext) {
                piece.release();
                appended.putBack();
                if (!group.isEmpty()) {
                    return;
                }
                finish();
            } else {
                add(piece);
            }
        }
    }

    private void add(LogPiece piece) {
        try {
            group.add(piece, appended.rows(), appended.isNumbered());
        } catch (RuntimeException | Error e) {
            appended.putBack();
            throw e;
        }
    }

    private boolean isOver(SegmentWriter present) {
        return present.index().end() >= config.segmentBytes() || present.index().size() >= MAX_RANGES || isOld();
    }

    /** Returns whether the segment has been written to for long enough, and nothing waits that has been taken for it. */
    boolean isOld() {
        return segment != null
                && group.isEmpty()
                && segment.index().nextOffset() > segment.index().firstOffset()
                && System.nanoTime() - begunNanos >= TimeUnit.NANOSECONDS.convert(config.segmentAge());
    }

    private boolean replaces(LogPiece piece) {
        for (IpcDictionaryBatch dictionary : piece.dictionaries()) {
            boolean isKnown = dictionaryIds.contains(dictionary.id())
                    || group.dictionaryIds().contains(dictionary.id());
            if (!dictionary.isDelta() && isKnown) {
                return true;
            }
        }
        return false;
    }

    private boolean hasPart(SegmentWriter present) {
        return present.index().end() + group.bytes() >= config.segmentBytes() / SMALLEST_PART;
    }

    /** Returns the segment for the next batches, which is begun where there is none. */
    private SegmentWriter present() throws IOException {
        SegmentWriter present = segment;
        return present == null ? begin(group.firstOffset()) : present;
    }

    /** Begins a segment: its schema is synced, so that the topic outlives a loss of power. */
    private SegmentWriter begin(long firstOffset) throws IOException {
        files.disk().makeDirectory(files.directory());

        SegmentWriter begun = SegmentWriter.create(files.disk(), files.names(), firstOffset);
        try {
            writeHead(begun);
            begun.sync();
            stored = files.stored(begun.index());
            segments.add(stored);
        } catch (IOException | RuntimeException | Error e) {
            discard(begun, e);
            throw e;
        }
        segment = begun;
        begunNanos = System.nanoTime();
        dictionaryIds.clear();
        return begun;
    }

    private void discard(SegmentWriter begun, Throwable reason) {
        try {
            begun.discard(files.disk(), files.names());
        } catch (IOException | RuntimeException e) {
            reason.addSuppressed(e); // it says what is to be done
        }
    }

    private void writeHead(SegmentWriter begun) throws IOException {
        IpcSchema schema = head.next(config.sync() == SyncPolicy.OS && !backlog.isEmpty());
        try {
            files.requireRoom(schema.frameBytes());
            RangeContent content = new RangeContent(begun.index().firstOffset(), 0, 0, false, false);
            begun.write(schema.frame().nioBuffers(), content);
        } finally {
            schema.release();
        }
    }

    /** Begins the first segment of a topic that has no batch, unless it has been begun. */
    void begin() throws IOException {
        if (segments.size() == 0) {
            begin(appended.offset());
        }
    }

    /** Makes all that has been written survive a loss of power. */
    void sync() throws IOException {
        if (segment != null && !isSynced) {
            segment.sync();
            isSynced = true;
        }
    }

    /** Returns whether nobody knows any more what is on disk. */
    boolean hasFailed() {
        return backlog.hasFailed() || (segment != null && segment.hasFailed());
    }

    /**
     * Ends the segment, if there is one; the next batches begin another. It is synced at once, but where the system says when that is done:
     * then it is synced while more is written.
     */
    void finish() throws IOException {
        SegmentWriter present = segment;
        if (present == null) {
            return;
        }
        if (backlog.isFull()) {
            backlog.finish();
        }
        boolean isSyncedLater = config.sync() == SyncPolicy.OS;
        if (isSyncedLater) {
            present.end();
            backlog.add(new EndedSegment(files, present, Objects.requireNonNull(stored), segments));
        } else {
            present.finish();
            segments.end(Objects.requireNonNull(stored));
        }
        isSynced = true;
        segment = null;
        appended.forgetDictionaries();
        if (!isSyncedLater) {
            present.close();
        }
    }

    /** Ends the segment, if there is one, and makes all that has been written survive a loss of power. */
    void finishAll() throws IOException {
        finish();
        backlog.finish();
    }

    /** Releases everything; what has not been written is not. */
    void close() throws IOException {
        group.clear();
        head.release();
        backlog.abandon();
        if (segment != null) {
            segment.close();
        }
    }
}
