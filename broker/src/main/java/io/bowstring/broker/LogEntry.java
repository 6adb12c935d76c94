package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.IllegalReferenceCountException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

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

    /** In place of an object in each entry, which would be one more that is in no cache when the entry is evicted. */
    private static final AtomicReferenceFieldUpdater<LogEntry, @Nullable Projection> PROJECTIONS =
            AtomicReferenceFieldUpdater.newUpdater(LogEntry.class, Projection.class, "projections");

    private final long offset;
    private final long timeMicros;
    private final IpcRecordBatch batch;
    private final StreamHead head;
    private final long weightBytes;
    private final long appendedNanos;

    /** Null once the batch is free: else what is long gone and not collected yet would keep alive all that came after it. */
    private @Nullable LogPlace after = new LogPlace();

    private volatile @Nullable Projection projections;

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
        this.offset = position.offset();
        this.timeMicros = position.timeMicros();
        this.batch = batch;
        this.head = head.retain();
        this.weightBytes = weightBytes;
        this.appendedNanos = appendedNanos;
    }

    long offset() {
        return offset;
    }

    long timeMicros() {
        return timeMicros;
    }

    /** Returns the batch; borrowed. */
    IpcRecordBatch batch() {
        return batch;
    }

    /**
     * Returns the batch with some of its columns alone: made when it is first wanted and kept with the entry, where there is
     * room for that. Two readers that want it first at the same time may both make it; one of the two is thrown away.
     *
     * @param selection of the topic's schema, the same object for all subscriptions that want the same
     * @param meter says whether it may be kept beside the batch
     * @return the batch, owned
     */
    IpcRecordBatch projected(IpcSelection selection, ByteBufAllocator allocator, ProjectionMeter meter) {
        while (true) {
            Projection newest = projections;
            IpcRecordBatch present = Projection.find(newest, selection);
            if (present != null) {
                return present.retain();
            }
            IpcRecordBatch made = meter.make(selection, batch, allocator);
            long bytes = Projection.weightBytes(made);
            if (Projection.isFull(newest) || !tryKeep(made, bytes, meter)) {
                return made;
            }
            Projection projection = new Projection(selection, made, newest, meter);
            if (PROJECTIONS.compareAndSet(this, newest, projection)) {
                return made.retain();
            }
            meter.drop(bytes);
            made.release();
        }
    }

    /** Returns whether there is room for a projection; releases it where this throws. */
    private static boolean tryKeep(IpcRecordBatch made, long bytes, ProjectionMeter meter) {
        try {
            return meter.tryKeep(bytes);
        } catch (RuntimeException | Error e) {
            made.release();
            throw e;
        }
    }

    /** Returns the dictionaries that the batch needs; borrowed. */
    StreamHead head() {
        return head;
    }

    /** Returns what the entry counts for in the window, without its projections. */
    long weightBytes() {
        return weightBytes;
    }

    /** Returns what the entry and its projections count for in the window. */
    long heldBytes() {
        return weightBytes + projectionBytes();
    }

    /** Returns what has been made of the batch for subscriptions that want some of its columns. */
    long projectionBytes() {
        return Projection.bytes(projections);
    }

    long appendedNanos() {
        return appendedNanos;
    }

    /** Returns the place after this entry; for whoever holds a reference to it. */
    LogPlace after() {
        return Objects.requireNonNull(after);
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
        Projection.releaseAll(projections);
        batch.release();
        head.release();
        after = null;
    }
}
