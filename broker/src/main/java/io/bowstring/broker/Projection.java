package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSelection;
import org.jspecify.annotations.Nullable;

/**
 * What those subscriptions get of a batch that want a selection of its columns: a new head before parts of the same
 * body. The projections of a {@link LogEntry} are a list that grows at its head.
 *
 * <p>Owns the batch. Immutable.
 */
final class Projection {
    /** More would cost more memory than they save work; a subscription that asks for one more makes it for itself. */
    static final int MAX_PER_ENTRY = 16;

    /** A part of the body: the objects that point to it. */
    private static final int PART_BYTES = 160;

    private final IpcSelection selection;
    private final IpcRecordBatch batch;
    private final @Nullable Projection older;
    private final ProjectionMeter meter;
    private final int listLength;
    private final long listBytes;

    /**
     * Puts a batch before a list.
     *
     * @param batch consumed
     * @param meter counts the projection already
     */
    Projection(IpcSelection selection, IpcRecordBatch batch, @Nullable Projection older, ProjectionMeter meter) {
        this.selection = selection;
        this.batch = batch;
        this.older = older;
        this.meter = meter;
        this.listLength = older == null ? 1 : older.listLength + 1;
        this.listBytes = weightBytes(batch) + (older == null ? 0 : older.listBytes);
    }

    /** Returns the batch of a selection, borrowed, or null where the list from {@code newest} on has none. */
    static @Nullable IpcRecordBatch find(@Nullable Projection newest, IpcSelection selection) {
        for (Projection next = newest; next != null; next = next.older) {
            if (next.selection == selection) {
                return next.batch;
            }
        }
        return null;
    }

    static boolean isFull(@Nullable Projection newest) {
        return newest != null && newest.listLength >= MAX_PER_ENTRY;
    }

    /** Returns what a projection takes beside the batch that it is of, roughly. */
    static long weightBytes(IpcRecordBatch batch) {
        int parts = batch.frame().nioBufferCount();
        int ownBytes = parts == 1 ? batch.frameBytes() : batch.metadata().readableBytes() + PART_BYTES * parts;
        return (long) ownBytes + LogEntry.OVERHEAD_BYTES;
    }

    /** Returns what the projections from {@code newest} on count for. */
    static long bytes(@Nullable Projection newest) {
        return newest == null ? 0 : newest.listBytes;
    }

    /** Releases a list that nobody reads any more. */
    static void releaseAll(@Nullable Projection newest) {
        if (newest != null) {
            newest.meter.drop(newest.listBytes);
        }
        for (Projection next = newest; next != null; next = next.older) {
            next.batch.release();
        }
    }
}
