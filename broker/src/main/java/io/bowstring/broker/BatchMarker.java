package io.bowstring.broker;

import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches as a log keeps them: with their marks, and in memory that counts in the budget until it is free. Small
 * ones that come together share a buffer, in which they stand as they will be sent. Such a buffer is free when all of them
 * are: it is small beside the window.
 *
 * <p>Owns the buffer that is being filled. Confined to the topic's loop.
 */
final class BatchMarker {
    private static final int MAX_RUN_BYTES = 64 << 10;

    /** A window or a budget that is rid of a batch gets its memory with that of its neighbours: little beside all of it. */
    private static final int MIN_RUNS_PER_WINDOW = 16;

    private static final int MIN_RUNS_PER_BUDGET = 64;

    /** A buffer that some batches share, one right after the other: they are sent as one piece. */
    private static final class Run {
        private final ForeignBuffer frames;
        private final int capacityBytes;

        /** Written before the last reference to the buffer can be dropped. */
        private long countedBytes;

        private Run(int capacityBytes, TopicMemory memory, ByteBufAllocator allocator) {
            this.capacityBytes = capacityBytes;
            ByteBuf bytes = allocator.directBuffer(capacityBytes, capacityBytes);
            frames = ForeignBuffer.over(bytes, () -> memory.remove(countedBytes));
        }
    }

    private final int maxRunBytes;
    private final TopicMemory memory;
    private final ByteBufAllocator allocator;
    private @Nullable Run run;

    BatchMarker(long windowBytes, TopicMemory memory, ByteBufAllocator allocator) {
        long boundBytes =
                Math.min(windowBytes / MIN_RUNS_PER_WINDOW, memory.budget().limitBytes() / MIN_RUNS_PER_BUDGET);
        this.maxRunBytes = (int) Math.min(MAX_RUN_BYTES, boundBytes);
        this.memory = memory;
        this.allocator = allocator;
    }

    /** Returns whether a batch, borrowed, may share a buffer with others. */
    boolean isSmall(IpcRecordBatch batch) {
        return Publication.weightBytes(batch) <= maxRunBytes / 4;
    }

    /**
     * Marks a batch, which continues to count in the budget until its memory is free.
     *
     * @param batch consumed, also where memory runs out
     * @param followingBytes what the small batches count for that are about to follow
     * @return owned
     */
    IpcRecordBatch mark(IpcRecordBatch batch, IpcMetadataEdit edit, long followingBytes) {
        long countedBytes = Publication.weightBytes(batch);
        IpcRecordBatch marked = isSmall(batch) ? tryShare(batch, edit, countedBytes, followingBytes) : null;
        if (followingBytes == 0) {
            endRun();
        }
        return marked == null
                ? batch.edited(edit, allocator).watched(() -> memory.remove(countedBytes), allocator)
                : marked;
    }

    private @Nullable IpcRecordBatch tryShare(
            IpcRecordBatch batch, IpcMetadataEdit edit, long countedBytes, long followingBytes) {
        IpcRecordBatch marked = run == null ? null : batch.tryEditInto(run.frames, edit);
        if (marked == null
                && followingBytes > 0
                && !memory.budget().isTight()) { // else it would be free with the last of them
            endRun();
            run = newRun(batch, countedBytes + followingBytes);
            marked = batch.tryEditInto(run.frames, edit);
        }
        if (marked != null) {
            Objects.requireNonNull(run).countedBytes += countedBytes;
        }
        return marked;
    }

    private Run newRun(IpcRecordBatch first, long wantedBytes) {
        try {
            return new Run((int) Math.min(maxRunBytes, wantedBytes), memory, allocator);
        } catch (OutOfMemoryError e) {
            first.release();
            throw e;
        }
    }

    /** What was to follow is held up: the buffer waits for it, unless memory is wanted more. */
    void onHeldUp() {
        if (memory.budget().isTight()) {
            endRun();
        }
    }

    /** No batches follow for now: what they would have taken is not to be had before the buffer is free, and counts. */
    void endRun() {
        if (run != null) {
            long spareBytes = Math.max(0, run.capacityBytes - run.countedBytes);
            memory.add(spareBytes);
            run.countedBytes += spareBytes;
            run.frames.release();
            run = null;
        }
    }
}
