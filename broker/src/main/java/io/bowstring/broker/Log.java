package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The newest batches of a topic, with offsets that count up without a gap. Owns one reference to each entry; what leaves
 * it when is the {@link Window}'s to say.
 *
 * <pre>
 *   evicted ... │ oldest ─► ... ─► newest │ tail        an entry's frame holds its offset and time
 *               └──── the window ─────────┘
 * </pre>
 *
 * <p>Confined to the topic's loop, except {@link #oldest()} and {@link #projections()}, which are for any thread.
 */
final class Log {
    private static final int FIRST_CAPACITY = 16;

    private final String id = UUID.randomUUID().toString();
    private final BatchMarker marker;
    private final ProjectionMeter projections;

    /** The entry with an offset is at that offset modulo the length, which is a power of two. */
    private @Nullable LogEntry[] ring = new LogEntry[FIRST_CAPACITY];

    private LogPlace tail = new LogPlace();
    private volatile LogPlace oldest = tail;
    private long firstOffset;
    private long nextOffset;
    private long lastTimeMicros;
    private long bytes;
    private long rows;

    Log(BatchMarker marker, ProjectionMeter projections) {
        this.marker = marker;
        this.projections = projections;
    }

    /** Returns what no other log of a topic has, of this server or another: offsets of two logs have nothing in common. */
    String id() {
        return id;
    }

    /**
     * Appends a batch, marked.
     *
     * @param batch as the publisher sent it; consumed
     * @param head the dictionaries in force; borrowed
     * @param weightBytes what the entry counts for in the window
     * @param followingBytes what the small batches count for that are about to follow
     * @param nowMicros the time of day; where the clock went back, the time of the batch before is kept
     * @param nowNanos the time of the topic's loop, which never goes back
     */
    void append(
            IpcRecordBatch batch,
            StreamHead head,
            long weightBytes,
            long followingBytes,
            long nowMicros,
            long nowNanos) {
        long timeMicros = Math.max(nowMicros, lastTimeMicros);
        BatchPosition position = new BatchPosition(nextOffset, timeMicros, 0);
        IpcRecordBatch marked = marker.mark(batch, position.toEdit(), followingBytes);
        LogEntry entry = new LogEntry(position, marked, head, weightBytes, nowNanos);
        if (size() == ring.length) {
            grow();
        }
        ring[index(nextOffset)] = entry;
        nextOffset++;
        lastTimeMicros = timeMicros;
        bytes += weightBytes;
        rows += marked.rowCount();
        LogPlace before = tail;
        tail = entry.after();
        before.setNext(entry); // last: from here on other threads see it
    }

    private void grow() {
        @Nullable LogEntry[] present = ring;
        ring = new LogEntry[2 * present.length];
        for (long offset = firstOffset; offset < nextOffset; offset++) {
            ring[index(offset)] = present[(int) offset & (present.length - 1)];
        }
    }

    /** Drops the log's references to the entries before an offset. */
    void evictBefore(long offset) {
        while (firstOffset < offset) {
            evictOldest();
        }
    }

    private void evictOldest() {
        LogEntry entry = entry(firstOffset);
        ring[index(firstOffset)] = null;
        firstOffset++;
        bytes -= entry.weightBytes();
        rows -= entry.batch().rowCount();
        oldest = entry.after();
        entry.release();
    }

    /** Returns the place before the oldest entry that was retained a moment ago. */
    LogPlace oldest() {
        return oldest;
    }

    /** Returns the place before a retained offset; at the end for {@link #nextOffset()} and what is beyond. */
    LogPlace before(long offset) {
        if (offset >= nextOffset) {
            return tail;
        }
        return offset == firstOffset ? oldest : entry(offset - 1).after();
    }

    /** Returns a retained entry; borrowed. */
    LogEntry entry(long offset) {
        return Objects.requireNonNull(ring[index(offset)]);
    }

    /** Returns the dictionaries of the newest entry, borrowed, or null where there is none. */
    @Nullable
    StreamHead newestHead() {
        return size() == 0 ? null : entry(nextOffset - 1).head();
    }

    private int index(long offset) {
        return (int) offset & (ring.length - 1);
    }

    long firstOffset() {
        return firstOffset;
    }

    long nextOffset() {
        return nextOffset;
    }

    int size() {
        return (int) (nextOffset - firstOffset);
    }

    /** Returns what the entries and the {@linkplain #projections() projections} of them count for. */
    long bytes() {
        return bytes + projections.bytes();
    }

    /** Returns the meter of what is kept for subscriptions that want some columns. For any thread. */
    ProjectionMeter projections() {
        return projections;
    }

    long rows() {
        return rows;
    }

    void close() {
        marker.endRun();
        evictBefore(nextOffset);
    }
}
