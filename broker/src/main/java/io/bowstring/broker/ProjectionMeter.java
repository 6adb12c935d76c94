package io.bowstring.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What is kept of a topic's projections, which counts in its window and in the memory: a quarter of the window at most, and
 * none while memory is tight. What is not kept is made again for whoever wants it.
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

    /** Counts a projection until {@link #drop}; returns false, and counts nothing, where it is not to be kept. */
    boolean tryKeep(long moreBytes) {
        if (memory.budget().isTight()) {
            return false;
        }
        if (bytes.addAndGet(moreBytes) > maxBytes) {
            bytes.addAndGet(-moreBytes);
            return false;
        }
        memory.add(moreBytes);
        onKept.run();
        return true;
    }

    /** So much of what was kept is gone. */
    void drop(long lessBytes) {
        bytes.addAndGet(-lessBytes);
        memory.remove(lessBytes);
    }

    long bytes() {
        return bytes.get();
    }
}
