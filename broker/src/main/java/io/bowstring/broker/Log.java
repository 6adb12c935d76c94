package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The retained window of a topic: its newest batches, as many as fit. Owns one reference to each entry.
 *
 * <pre>
 *   evicted ... │ oldest ─► ... ─► newest │ tail        an entry's frame holds its offset and time
 *               └──── the window ─────────┘
 * </pre>
 *
 * <p>Confined to the topic's loop, except {@link #oldest()}, which is for any thread.
 */
final class Log {
    private final long windowBytes;
    private final ByteBufAllocator allocator;
    private final ArrayDeque<LogEntry> entries = new ArrayDeque<>();
    private Link tail = new Link();
    private volatile Link oldest = tail;
    private long nextOffset;
    private long lastTimeMicros;
    private long bytes;
    private long rows;

    Log(long windowBytes, ByteBufAllocator allocator) {
        this.windowBytes = windowBytes;
        this.allocator = allocator;
    }

    /**
     * Appends a batch. The caller has made room.
     *
     * @param batch as the publisher sent it; consumed
     * @param head the dictionaries in force; borrowed
     * @param weightBytes what the entry counts for in the window
     * @param nowMicros the time of day; where the clock went back, the time of the batch before is kept
     */
    void append(IpcRecordBatch batch, StreamHead head, long weightBytes, long nowMicros) {
        long timeMicros = Math.max(nowMicros, lastTimeMicros);
        BatchPosition position = new BatchPosition(nextOffset, timeMicros, 0);
        IpcRecordBatch marked = batch.edited(position.toEdit(), allocator);
        LogEntry entry = new LogEntry(position, marked, head, weightBytes, tail);
        entries.add(entry);
        nextOffset++;
        lastTimeMicros = timeMicros;
        bytes += weightBytes;
        rows += marked.rowCount();
        Link before = tail;
        tail = entry.after();
        before.setNext(entry); // last: from here on other threads see it
    }

    /** Returns the offset of the oldest entry that may stay beside one of {@code weightBytes} that is to come. */
    long keptFrom(long weightBytes) {
        long offset = firstOffset();
        long left = bytes;
        Iterator<LogEntry> oldestFirst = entries.iterator();
        while (left + weightBytes > windowBytes && oldestFirst.hasNext()) {
            left -= oldestFirst.next().weightBytes();
            offset++;
        }
        return offset;
    }

    /** Drops the log's references to the entries in front of an offset. */
    void evictBefore(long offset) {
        while (firstOffset() < offset) {
            evictOldest();
        }
    }

    private void evictOldest() {
        LogEntry entry = entries.remove();
        bytes -= entry.weightBytes();
        rows -= entry.batch().rowCount();
        oldest = entry.after();
        entry.release();
    }

    /** Returns the place in front of the oldest entry that was retained a moment ago. */
    Link oldest() {
        return oldest;
    }

    /** Returns the place in front of a retained offset, or the end for {@link #nextOffset()}. */
    Link before(long offset) {
        for (LogEntry entry : entries) {
            if (entry.offset() == offset) {
                return entry.before();
            }
        }
        return tail;
    }

    long firstOffset() {
        return nextOffset - entries.size();
    }

    long nextOffset() {
        return nextOffset;
    }

    long bytes() {
        return bytes;
    }

    long rows() {
        return rows;
    }

    void close() {
        while (!entries.isEmpty()) {
            evictOldest();
        }
    }
}
