package io.bowstring.storage;

import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a topic, by their offsets. Its writer adds a segment once nothing more is written to the one before it, and
 * retention removes the oldest, while readers read. Thread-safe.
 */
final class Segments {
    private final NavigableMap<Long, StoredSegment> segments = new TreeMap<>();

    /** Of all segments but the newest, which alone may still be written to. */
    private long olderBytes;

    private long olderBatches;
    private long olderRows;

    /** Adds a segment after all others, which do not change any more. */
    synchronized void add(StoredSegment segment) {
        if (!segments.isEmpty()) {
            count(segments.lastEntry().getValue().index());
        }
        segments.put(segment.index().firstOffset(), segment);
    }

    /** A segment is not written to any more: whoever begins to read it finds fewer ranges. */
    void end(StoredSegment segment) {
        replace(segment, segment.merged());
    }

    /**
     * Has whoever begins to read a segment that is damaged find the ranges that its index file has, so that fewer batches are missing.
     * Waits for the disk.
     *
     * @return whether there are other ranges than it was read by
     */
    boolean tryRefine(DamagedRangeException damage) {
        long firstOffset = damage.index().firstOffset();
        StoredSegment present = find(firstOffset);
        if (present == null || present.index() != damage.index()) {
            return present != null;
        }
        StoredSegment fine = present.tryRefine();
        return fine != null && (replace(present, fine) || find(firstOffset) != null);
    }

    private synchronized @Nullable StoredSegment find(long firstOffset) {
        return segments.get(firstOffset);
    }

    private synchronized boolean replace(StoredSegment present, StoredSegment by) {
        boolean isReplaced = segments.replace(present.index().firstOffset(), present, by);
        if (isReplaced) {
            present.remove(); // whoever has found it just now looks again
        }
        return isReplaced;
    }

    private void count(SegmentIndex older) {
        olderBytes += older.end();
        olderBatches += older.nextOffset() - older.firstOffset();
        olderRows += older.rows();
    }

    /** Returns whether a segment has not been removed. */
    synchronized boolean has(long firstOffset) {
        return segments.containsKey(firstOffset);
    }

    /** Returns how many there are. */
    synchronized int size() {
        return segments.size();
    }

    /** Removes a segment, of which the file may be deleted then: whoever reads it continues, and nobody else begins to. */
    synchronized void remove(long firstOffset) {
        StoredSegment removed = segments.remove(firstOffset);
        if (removed != null) {
            removed.remove();
            olderBytes = 0;
            olderBatches = 0;
            olderRows = 0;
            if (!segments.isEmpty()) {
                segments.headMap(segments.lastKey()).values().forEach(segment -> count(segment.index()));
            }
        }
    }

    /** Removes all. */
    synchronized void removeAll() {
        List.copyOf(segments.keySet()).forEach(this::remove);
    }

    /** Removes all segments but the newest that have no batch from an offset on, and returns them. */
    synchronized List<StoredSegment> removeBefore(long offset) {
        List<StoredSegment> removed = new ArrayList<>();
        while (segments.size() > 1 && segments.firstEntry().getValue().index().nextOffset() <= offset) {
            removed.add(segments.firstEntry().getValue());
            remove(segments.firstKey());
        }
        return removed;
    }

    /**
     * Returns what there is.
     *
     * @param nextOffset of the next batch
     */
    synchronized DurableLog.Extent extent(long nextOffset) {
        if (segments.isEmpty()) {
            return new DurableLog.Extent(nextOffset, nextOffset, 0, 0, 0);
        }
        SegmentIndex newest = segments.lastEntry().getValue().index();
        long bytes = olderBytes + newest.end();
        long batches = olderBatches + newest.nextOffset() - newest.firstOffset();
        return batches == 0
                ? new DurableLog.Extent(nextOffset, nextOffset, 0, 0, bytes)
                : new DurableLog.Extent(
                        segments.firstKey(), newest.nextOffset(), batches, olderRows + newest.rows(), bytes);
    }

    /** Returns the first offset after all that is more than a topic may keep, or has come of age. */
    synchronized long surplusBefore(DurableConfig config, long nowMicros) {
        long ageMicros = TimeUnit.MICROSECONDS.convert(config.retainedAge());
        long bytes = extent(0).bytes();
        long before = 0;
        for (StoredSegment segment : segments.values()) {
            SegmentIndex index = segment.index();
            boolean isTooMuch = config.retainedBytes() > 0 && bytes > config.retainedBytes();
            boolean isTooOld = ageMicros > 0 && nowMicros - index.timeMicros() >= ageMicros;
            if (segment == segments.lastEntry().getValue() || !(isTooMuch || isTooOld)) {
                break;
            }
            bytes -= index.end();
            before = index.nextOffset();
        }
        return before;
    }

    /**
     * Returns the segment that has the batch of an offset or, where that is missing, the next one that there is; with one more
     * reader. Null where there is none yet.
     *
     * @throws IOException where its file cannot be opened
     */
    @Nullable
    StoredSegment acquire(long offset) throws IOException {
        return acquire(index -> index.nextOffset() > Math.max(offset, index.firstOffset()));
    }

    /** Returns the first segment that has a batch of a time or a later one, as {@link #acquire(long)} does. */
    @Nullable
    StoredSegment acquireByTime(long micros) throws IOException {
        return acquire(index -> index.nextOffset() > index.firstOffset() && index.timeMicros() >= micros);
    }

    private @Nullable StoredSegment acquire(Predicate<SegmentIndex> condition) throws IOException {
        while (true) {
            StoredSegment found = find(condition);
            if (found == null || found.tryAcquire()) {
                return found;
            }
        }
    }

    /** Returns the first segment of which a condition holds. As none is added meanwhile, those before the last do not change. */
    private synchronized @Nullable StoredSegment find(Predicate<SegmentIndex> condition) {
        for (StoredSegment segment : segments.values()) {
            if (condition.test(segment.index())) {
                return segment;
            }
        }
        return null;
    }
}
