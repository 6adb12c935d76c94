package io.bowstring.cli;

import io.bowstring.client.Receipt;
import java.util.concurrent.atomic.AtomicLong;

/** What a server has acknowledged of a publish. Thread-safe. */
final class Acknowledged {
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong lastOffset = new AtomicLong(Receipt.UNKNOWN);

    void add(Receipt receipt) {
        batches.incrementAndGet();
        lastOffset.accumulateAndGet(receipt.offset(), Math::max);
    }

    /** Returns whether it is nothing. */
    boolean isEmpty() {
        return batches.get() == 0;
    }

    /** Returns up to which offset it is, after a word before; empty where no batch has been added to the topic. */
    String upToOffset(String before) {
        return lastOffset.get() < 0 ? "" : before + "up to offset " + lastOffset.get();
    }

    /** Returns how many of so many batches it is, and up to which offset. */
    String of(long all) {
        return "acknowledged: " + batches.get() + " of " + all + " batches" + upToOffset(", ");
    }
}
