package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSelection;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the projections of a topic. Each counts in memory until it has been sent. Otherwise a client could take memory by
 * asking for many column orders. Those that the topic keeps count in the window too. They may take a quarter of the window,
 * and nothing while memory is tight; the topic makes the others again for each subscriber.
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
     * Makes a projection, which counts in the memory until the last reference to it is dropped.
     *
     * @param batch borrowed
     * @return the projection, owned
     */
    IpcRecordBatch make(IpcSelection selection, IpcRecordBatch batch, ByteBufAllocator allocator) {
        Count count = new Count(memory);
        IpcRecordBatch made = selection.select(batch.retain(), count, allocator);
        try {
            count.add(Projections.weightBytes(made)); // counts also where it throws
            return made;
        } catch (RuntimeException | Error e) {
            made.release();
            throw e;
        }
    }

    /** Counts a kept projection in the window until {@link #drop}; returns false where it is not to be kept. */
    boolean tryKeep(long moreBytes) {
        if (memory.budget().isTight()) {
            return false;
        }
        if (bytes.addAndGet(moreBytes) > maxBytes) {
            bytes.addAndGet(-moreBytes);
            return false;
        }
        try {
            onKept.run();
        } catch (RuntimeException | Error e) {
            drop(moreBytes);
            throw e;
        }
        return true;
    }

    /** So much of what was kept has left the log. */
    void drop(long lessBytes) {
        bytes.addAndGet(-lessBytes);
    }

    long bytes() {
        return bytes.get();
    }

    /** Counts one projection. Its maker writes the number of bytes before any other thread has a reference. */
    private static final class Count implements Runnable {
        private final TopicMemory memory;
        private long bytes;

        Count(TopicMemory memory) {
            this.memory = memory;
        }

        void add(long projectionBytes) {
            bytes = projectionBytes;
            memory.add(projectionBytes);
        }

        /** It is free. */
        @Override
        public void run() {
            memory.remove(bytes);
        }
    }
}
