package io.bowstring.broker;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Remembers which batches of one publication its topic has appended, and tells the publisher when they are committed. Confined to the topic's turn.
 *
 * <pre>
 *   batches of the publication   1  2  3 │ 4  5 │ 6         one acknowledgement for each run, or more
 *   offsets in the topic         7  8  9 │12 13 │15
 * </pre>
 */
final class Acknowledgements {
    /** Hears of batches that are committed. */
    interface Listener {
        /**
         * Batches are committed.
         *
         * @param batches how many of the publication so far
         * @param lastOffset of the last of them
         */
        void onCommitted(long batches, long lastOffset);
    }

    /** Batches that stand right after one another; or one that the topic had already. */
    private static final class Run {
        private final long firstOffset;
        private long lastOffset;

        /** How many of the publication there are up to its end. */
        private long batches;

        private Run(long firstOffset) {
            this.firstOffset = firstOffset;
            this.lastOffset = firstOffset - 1;
        }

        /** Returns whether so many more batches, of which the last has an offset, belong to it. */
        private boolean takes(int count, long offset) {
            return offset == lastOffset + count;
        }
    }

    private final Deque<Run> runs = new ArrayDeque<>();
    private long batches;
    private long toldBatches;

    /** So many more batches are in the topic; the last of them has this offset. */
    void add(int count, long lastOffset) {
        batches += count;
        Run run = runs.peekLast();
        if (run == null || !run.takes(count, lastOffset)) {
            run = new Run(lastOffset - count + 1);
            runs.add(run);
        }
        run.lastOffset = lastOffset;
        run.batches = batches;
    }

    /** Tells of all batches before an offset that have not been told of: of each run once. */
    void tell(long committedOffset, Listener listener) {
        Run run = runs.peek();
        while (run != null && run.firstOffset < committedOffset) {
            long last = Math.min(run.lastOffset, committedOffset - 1);
            long committedBatches = run.batches - (run.lastOffset - last);
            if (committedBatches > toldBatches) {
                listener.onCommitted(committedBatches, last);
                toldBatches = committedBatches; // last: where the listener cannot be told, it is told again
            }
            if (last < run.lastOffset) {
                return;
            }
            runs.remove();
            run = runs.peek();
        }
    }
}
