package io.bowstring.it;

import io.bowstring.client.Client;
import io.bowstring.client.Receipt;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.protocol.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What anybody has ever got of a topic, by offset: the same offset must always have the same batch, and producers' batches must follow
 * one another. Thread-safe.
 */
final class TopicRecord {
    /** A batch, with when it was appended. */
    record Entry(NumberedBatch batch, long timeMicros) {}

    /** Offsets from one on, before another. */
    record Range(long first, long next) {}

    /** In the place of an offset. */
    static final long ANY = -1;

    private final String topic;
    private final List<Entry> entries = new ArrayList<>();

    TopicRecord(String topic) {
        this.topic = topic;
    }

    String topic() {
        return topic;
    }

    /** Returns the offset after the last that anybody has got. */
    synchronized long nextOffset() {
        return entries.size();
    }

    /** Waits until all before an offset are known, for some time; returns whether they are. */
    synchronized boolean await(long offset, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toMillis();
        while (entries.size() < offset && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        return entries.size() >= offset;
    }

    synchronized Entry entry(long offset) {
        return entries.get(Math.toIntExact(offset));
    }

    /**
     * Notes all that a subscription gets.
     *
     * @param first the offset that it is expected to begin with; {@link #ANY} where nobody knows
     */
    Range addAll(Client client, SubscribeRequest request, long first) {
        long begin = first;
        long next = first;
        try (Subscription subscription = client.subscribe(request)) {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    if (next == ANY) {
                        begin = batch.offset();
                        next = begin;
                    }
                    add(next, batch);
                    next++;
                }
            }
        }
        return new Range(begin, next);
    }

    /** Notes a batch, borrowed, that is expected to have an offset. */
    void add(long expectedOffset, ReceivedBatch batch) {
        long micros = batch.time().getEpochSecond() * 1_000_000 + batch.time().getNano() / 1_000;
        require(batch.offset() == expectedOffset, "offset " + batch.offset() + " (expected: " + expectedOffset + ")");
        require(batch.gap() == 0, "offset " + expectedOffset + ": a gap of " + batch.gap());
        add(expectedOffset, new Entry(NumberedBatch.of(batch), micros));
    }

    /** Notes a batch that somebody has got; those before it are known. */
    synchronized void add(long offset, Entry found) {
        require(offset <= entries.size(), "offset " + offset + " (expected: at most " + entries.size() + ")");
        if (offset == entries.size()) {
            if (offset > 0) {
                Entry before = entries.get((int) offset - 1);
                require(
                        before.timeMicros <= found.timeMicros,
                        "offset " + offset + ": " + found + " is older than " + before);
            }
            entries.add(found);
            notifyAll();
        } else {
            Entry known = entries.get((int) offset);
            require(found.equals(known), "offset " + offset + ": " + found + " (expected: " + known + ", as before)");
        }
    }

    /** Requires that a producer's batches are there as sent, once and in order, as far as acknowledged, where that was said. */
    synchronized void requireAll(int producer, List<NumberedBatch> sent, List<Receipt> receipts) {
        List<Integer> offsets = new ArrayList<>();
        for (int offset = 0; offset < entries.size(); offset++) {
            NumberedBatch batch = entries.get(offset).batch();
            if (batch.producer() == producer) {
                long expected = offsets.size();
                String where = "producer " + producer + ", offset " + offset + ": ";
                require(
                        batch.sequence() == expected,
                        where + "sequence " + batch.sequence() + " (expected: " + expected + ")");
                require(
                        batch.equals(sent.get((int) expected)),
                        where + batch + " (expected: " + sent.get((int) expected) + ", as sent)");
                offsets.add(offset);
            }
        }
        for (int i = 0; i < receipts.size(); i++) {
            Receipt receipt = receipts.get(i);
            String what = "producer " + producer + ": " + receipt;
            require(receipt.sequence() == i, what + " (expected: sequence " + i + ")");
            require(i < offsets.size(), what + ": lost; the topic ends at sequence " + (offsets.size() - 1));
            require(
                    receipt.offset() == Receipt.UNKNOWN || receipt.offset() == offsets.get(i),
                    what + " (expected: offset " + offsets.get(Math.min(i, offsets.size() - 1)) + ")");
        }
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError("topic " + topic + ": " + message);
        }
    }
}
