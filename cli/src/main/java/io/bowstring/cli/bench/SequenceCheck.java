package io.bowstring.cli.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * Follows the numbers of one stream's batches as one subscriber gets them, and finds those that are lost, repeated or out of
 * order. Confined to one thread at a time.
 */
final class SequenceCheck {
    /** The numbers below {@link #next} that have not come: the first of each range, and the one after its last. */
    private final TreeMap<Long, Long> missing = new TreeMap<>();

    private long next;
    private long repeated;
    private long reordered;

    /** Begins with a number; what is before it is not expected. */
    SequenceCheck(long first) {
        this.next = first;
    }

    /** The batch of this number has come. */
    void onBatch(long sequence) {
        if (sequence >= next) {
            expect(sequence);
            next = sequence + 1;
        } else if (removeMissing(sequence)) {
            reordered++;
        } else {
            repeated++;
        }
    }

    /** All numbers below this one have been published, so that those that have not come are missing. */
    void expect(long end) {
        if (end > next) {
            missing.put(next, end);
            next = end;
        }
    }

    private boolean removeMissing(long sequence) {
        Map.Entry<Long, Long> range = missing.floorEntry(sequence);
        if (range == null || sequence >= range.getValue()) {
            return false;
        }
        missing.remove(range.getKey());
        if (range.getKey() < sequence) {
            missing.put(range.getKey(), sequence);
        }
        if (sequence + 1 < range.getValue()) {
            missing.put(sequence + 1, range.getValue());
        }
        return true;
    }

    /** Returns what has been found so far; a batch that has not come is lost. */
    Faults faults() {
        long lost = missing.entrySet().stream()
                .mapToLong(range -> range.getValue() - range.getKey())
                .sum();
        return new Faults(lost, repeated, reordered);
    }
}
