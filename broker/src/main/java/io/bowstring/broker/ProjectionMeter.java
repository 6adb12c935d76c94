package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the projections that a topic keeps, in its window and in the memory. They may take a quarter of the window, and
 * nothing while memory is tight; the topic makes the others again for each subscriber. A projection that is a copy counts
 * in the memory until the last subscriber has sent it, kept or not.
 *
 * <p>Thread-safe.
 */
final class ProjectionMeter {
    private final AtomicLong bytes = new AtomicLong();
    private final long maxBytes;
    private final TopicMemory memory;
    private final Runnable onKept;

    /**
     * Creates a meter of nothing.
     *
     * @param onKept runs where something has been kept, by whichever thread: the window may have become too large
     */
    ProjectionMeter(long windowBytes, TopicMemory memory, Runnable onKept) {
        this.maxBytes = windowBytes / 4;
        this.memory = memory;
        this.onKept = onKept;
    }

    /**
     * Counts a new projection in the memory where it is a copy, until the last reference to it is dropped.
     *
     * @param made consumed
     * @return the same batch, owned
     */
    IpcRecordBatch counted(IpcRecordBatch made, ByteBufAllocator allocator) {
        long copiedBytes = Projection.copiedBytes(made);
        if (copiedBytes == 0) {
            return made;
        }
        memory.add(copiedBytes);
        try {
            return made.watched(() -> memory.remove(copiedBytes), allocator);
        } catch (RuntimeException | Error e) {
            memory.remove(copiedBytes);
            throw e;
        }
    }

    /**
     * Counts a projection until {@link #drop}; returns false, and counts nothing, where it is not to be kept.
     *
     * @param copiedBytes what of it counts in the memory already
     */
    boolean tryKeep(long moreBytes, long copiedBytes) {
        if (memory.budget().isTight()) {
            return false;
        }
        if (bytes.addAndGet(moreBytes) > maxBytes) {
            bytes.addAndGet(-moreBytes);
            return false;
        }
        memory.add(moreBytes - copiedBytes);
        onKept.run();
        return true;
    }

    /**
     * So much of what was kept has left the log.
     *
     * @param copiedBytes what of it counts in the memory until it is free
     */
    void drop(long lessBytes, long copiedBytes) {
        bytes.addAndGet(-lessBytes);
        memory.remove(lessBytes - copiedBytes);
    }

    long bytes() {
        return bytes.get();
    }
}
