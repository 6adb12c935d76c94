package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.IllegalReferenceCountException;

/**
 * One batch in a log, with the dictionaries that it needs. The log owns one reference until the batch leaves the
 * window; a reader takes its own with {@link #tryRetain()}, which also tells it that the batch has left.
 *
 * <p>The count is this object's own and not the buffer's, because pooled buffers are used again: a late reader could
 * otherwise retain another batch's bytes. Thread-safe.
 */
final class LogEntry extends AbstractReferenceCounted {
    /** Heap objects, headroom and alignment of one batch, roughly; so that empty batches count as well. */
    static final int OVERHEAD_BYTES = 640;

    private final BatchPosition position;
    private final IpcRecordBatch batch;
    private final StreamHead head;
    private final long weightBytes;
    private final long appendedNanos;
    private final Link after = new Link();

    /**
     * Creates an entry with one reference, the log's.
     *
     * @param position the offset and time that the batch is marked with
     * @param batch consumed
     * @param head the dictionaries in force; borrowed
     * @param weightBytes what the entry counts for in the window
     * @param appendedNanos by the time of the topic's loop
     */
    LogEntry(BatchPosition position, IpcRecordBatch batch, StreamHead head, long weightBytes, long appendedNanos) {
        this.position = position;
        this.batch = batch;
        this.head = head.retain();
        this.weightBytes = weightBytes;
        this.appendedNanos = appendedNanos;
    }

    long offset() {
        return position.offset();
    }

    long timeMicros() {
        return position.timeMicros();
    }

    /** Returns the batch; borrowed. */
    IpcRecordBatch batch() {
        return batch;
    }

    /** Returns the dictionaries that the batch needs; borrowed. */
    StreamHead head() {
        return head;
    }

    long weightBytes() {
        return weightBytes;
    }

    long appendedNanos() {
        return appendedNanos;
    }

    Link after() {
        return after;
    }

    /** Takes a reference, or returns false where the batch has left the window. */
    boolean tryRetain() {
        try {
            retain();
            return true;
        } catch (IllegalReferenceCountException e) {
            return false;
        }
    }

    @Override
    public LogEntry touch(Object hint) {
        batch.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        batch.release();
        head.release();
    }
}
