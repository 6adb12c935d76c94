package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicTotals;
import java.util.concurrent.atomic.LongAdder;

/**
 * What has passed through one topic since it began; all of it counts for the broker as well. Thread-safe: the topic's
 * loop and the subscriptions' executors count, without locks.
 */
final class TopicCounts {
    private final Counters counters;
    private final LongAdder appendedBatches = new LongAdder();
    private final LongAdder appendedRows = new LongAdder();
    private final LongAdder appendedBytes = new LongAdder();
    private final LongAdder deliveredBatches = new LongAdder();
    private final LongAdder deliveredBytes = new LongAdder();
    private final LongAdder gapBatches = new LongAdder();
    private final LongAdder cutSubscribers = new LongAdder();

    TopicCounts(Counters counters) {
        this.counters = counters;
    }

    void onAppended(long batches, long rows, long bytes) {
        appendedBatches.add(batches);
        appendedRows.add(rows);
        appendedBytes.add(bytes);
        counters.add(Counter.BATCHES_APPENDED, batches);
        counters.add(Counter.ROWS_APPENDED, rows);
        counters.add(Counter.BYTES_APPENDED, bytes);
    }

    /** Some batches, and perhaps dictionaries, have been given to a subscriber's sink. */
    void onDelivered(long batches, long bytes) {
        deliveredBatches.add(batches);
        deliveredBytes.add(bytes);
        counters.add(Counter.BATCHES_DELIVERED, batches);
        counters.add(Counter.BYTES_DELIVERED, bytes);
    }

    /** A subscriber has been told that it missed some batches. */
    void onGap(long batches) {
        gapBatches.add(batches);
        counters.add(Counter.BATCHES_DROPPED, batches);
    }

    /** A subscriber has been cut. */
    void onCut(ProtocolException reason) {
        cutSubscribers.increment();
        if (reason.code() == ErrorCode.LAGGED) {
            counters.increment(Counter.SUBSCRIBERS_LAGGED);
        }
    }

    /** Reading from a publisher pauses because too much of it is in flight. */
    void onPaused() {
        counters.increment(Counter.PUBLISHERS_PAUSED);
    }

    TopicTotals totals() {
        return new TopicTotals(
                appendedBatches.sum(),
                appendedRows.sum(),
                appendedBytes.sum(),
                deliveredBatches.sum(),
                deliveredBytes.sum(),
                gapBatches.sum(),
                cutSubscribers.sum());
    }
}
