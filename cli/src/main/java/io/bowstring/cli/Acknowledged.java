package io.bowstring.cli;

import io.bowstring.client.Receipt;
import java.util.concurrent.atomic.AtomicLong;

/** What a server has acknowledged of a publish. Thread-safe. */
final class Acknowledged {
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong lastOffset = new AtomicLong(Receipt.UNKNOWN);

    void add(Receipt receipt) {
        batches.incrementAndGet();
        lastOffset.accumulateAndGet(receipt.lastOffset(), Math::max);
    }

    /** Returns the offset of the last batch. */
    long lastOffset() {
        return lastOffset.get();
    }

    /** Returns how many of so many batches it is, and up to which offset. */
    String of(long all) {
        long count = batches.get();
        return "acknowledged: " + count + " of " + all + " batches"
                + (count == 0 ? "" : ", up to offset " + lastOffset.get());
    }
}
