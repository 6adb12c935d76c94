package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSelection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The projections of a {@link Block}: its batches with some of their columns alone, for the subscriptions that want these. A
 * projection is a new head before parts of the same body.
 *
 * <p>Owns the batches. Thread-safe.
 */
final class Projections {
    /** More would cost more memory than they save work; a subscription that asks for one more makes it for itself. */
    static final int MAX_PER_BATCH = 16;

    /** A part of the body: the objects that point to it. */
    private static final int PART_BYTES = 160;

    private record Projection(IpcSelection selection, IpcRecordBatch batch, ProjectionMeter meter) {
        void drop() {
            meter.drop(weightBytes(batch));
            batch.release();
        }
    }

    /** By offset. A reader retains what it finds inside of a step of the map, so that nobody drops it meanwhile. */
    private final ConcurrentMap<Long, List<Projection>> kept = new ConcurrentHashMap<>(0);

    /** Returns what a projection takes beside the batch that it is of, roughly. */
    static long weightBytes(IpcRecordBatch batch) {
        int parts = batch.frame().nioBufferCount();
        int ownBytes = parts == 1 ? batch.frameBytes() : batch.metadata().readableBytes() + PART_BYTES * parts;
        return (long) ownBytes + Block.OVERHEAD_BYTES;
    }

    /** Returns what the projections of a batch count for. */
    long bytes(long offset) {
        if (kept.isEmpty()) {
            return 0; // without a look at the batch: it is asked of each that leaves a window
        }
        long bytes = 0;
        for (Projection projection : kept.getOrDefault(offset, List.of())) {
            bytes += weightBytes(projection.batch);
        }
        return bytes;
    }

    /** Returns the projection of a batch, owned, or null where none is kept. */
    @Nullable
    IpcRecordBatch find(long offset, IpcSelection selection) {
        if (kept.isEmpty()) {
            return null;
        }
        Found found = new Found(selection);
        kept.computeIfPresent(offset, (key, list) -> {
            found.lookIn(list);
            return list;
        });
        return found.batch;
    }

    /**
     * Keeps a projection, unless there is no room or another thread has kept one for the same selection meanwhile.
     *
     * @param made consumed, also where this throws
     * @param meter says whether there is room
     * @return the one that is kept, or the one that was made; owned
     */
    IpcRecordBatch keep(long offset, IpcSelection selection, IpcRecordBatch made, ProjectionMeter meter) {
        long bytes = weightBytes(made);
        if (kept.getOrDefault(offset, List.of()).size() >= MAX_PER_BATCH || !tryCount(made, bytes, meter)) {
            return made;
        }
        Projection projection = new Projection(selection, made.retain(), meter);
        Found found = new Found(selection);
        try {
            kept.compute(offset, (key, present) -> {
                List<Projection> list = present == null ? List.of() : present;
                found.lookIn(list);
                return found.batch == null
                        ? Stream.concat(list.stream(), Stream.of(projection)).toList()
                        : list;
            });
        } catch (OutOfMemoryError e) {
            projection.drop();
            made.release();
            throw e;
        }
        if (found.batch == null) {
            return made;
        }
        projection.drop();
        made.release();
        return found.batch;
    }

    private static boolean tryCount(IpcRecordBatch made, long bytes, ProjectionMeter meter) {
        try {
            return meter.tryKeep(bytes);
        } catch (RuntimeException | Error e) {
            made.release();
            throw e;
        }
    }

    /** Drops the projections of a batch. */
    void drop(long offset) {
        if (!kept.isEmpty()) {
            List<Projection> gone = kept.remove(offset);
            if (gone != null) {
                gone.forEach(Projection::drop);
            }
        }
    }

    /** Drops all; nobody reads them any more. */
    void dropAll() {
        kept.keySet().forEach(this::drop);
    }

    /** The projection of a selection, which is retained where it is found. */
    private static final class Found {
        private final IpcSelection selection;
        private @Nullable IpcRecordBatch batch;

        private Found(IpcSelection selection) {
            this.selection = selection;
        }

        private void lookIn(List<Projection> list) {
            for (Projection projection : list) {
                if (projection.selection.equals(selection)) {
                    batch = projection.batch.retain();
                }
            }
        }
    }
}
