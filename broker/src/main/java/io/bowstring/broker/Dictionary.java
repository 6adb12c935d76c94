package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.util.AbstractReferenceCounted;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One dictionary: the batch that set it and the deltas that came since, as a list that only grows. Every
 * {@link StreamHead} that refers to it owns one reference; the last one to go releases the batches.
 *
 * <p>Grows on the topic's loop; others read it up to a {@link Version} that was published to them.
 */
final class Dictionary extends AbstractReferenceCounted {
    private final Part first;
    private Part last;
    private long bytes;

    /** Starts a dictionary with one reference; the batch is consumed. */
    Dictionary(IpcDictionaryBatch batch) {
        this.first = new Part(batch);
        this.last = first;
        this.bytes = weightBytes(batch);
    }

    /** Adds a delta, which is consumed. */
    void append(IpcDictionaryBatch delta) {
        Part part = new Part(delta);
        last.next = part;
        last = part;
        bytes += weightBytes(delta);
    }

    /** Returns the dictionary as it is now. */
    Version version() {
        return new Version(this, last);
    }

    long bytes() {
        return bytes;
    }

    /** Returns what a dictionary batch counts for in limits and windows. */
    static long weightBytes(IpcDictionaryBatch batch) {
        return (long) batch.frameBytes() + LogEntry.OVERHEAD_BYTES;
    }

    @Override
    public Dictionary touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        for (Part part = first; part != null; part = part.next) {
            part.batch.release();
        }
    }

    private static final class Part {
        private final IpcDictionaryBatch batch;
        /** Read only by who was given a version that lies behind it. */
        private @Nullable Part next;

        private Part(IpcDictionaryBatch batch) {
            this.batch = batch;
        }
    }

    /** A dictionary up to one of its batches. Immutable. */
    static final class Version {
        private final Dictionary dictionary;
        private final Part last;

        private Version(Dictionary dictionary, Part last) {
            this.dictionary = dictionary;
            this.last = last;
        }

        Dictionary dictionary() {
            return dictionary;
        }

        /**
         * Visits the batches that somebody who has {@code seen}, an earlier version or null, still needs: only deltas
         * where it is the same dictionary, else all. They are borrowed.
         */
        void forEachAfter(@Nullable Version seen, Consumer<IpcDictionaryBatch> visitor) {
            Part part = dictionary.first;
            if (seen != null && seen.dictionary == dictionary) {
                if (seen.last == last) {
                    return;
                }
                part = seen.last.next;
            }
            for (; part != null; part = part == last ? null : part.next) {
                visitor.accept(part.batch);
            }
        }
    }
}
