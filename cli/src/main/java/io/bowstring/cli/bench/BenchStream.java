package io.bowstring.cli.bench;

import io.bowstring.client.MessagePublisher;

/**
 * The batches that one publisher publishes to one of its topics. Owns its publisher. Confined to one thread at a time.
 */
final class BenchStream {
    private final long id;
    private final int topic;
    private final boolean seals;
    private final MessagePublisher publisher;
    private long next;

    /**
     * Takes over a publisher.
     *
     * @param id of its stamps
     * @param seals whether its end completes the topic
     */
    BenchStream(long id, int topic, boolean seals, MessagePublisher publisher) {
        this.id = id;
        this.topic = topic;
        this.seals = seals;
        this.publisher = publisher;
    }

    long id() {
        return id;
    }

    int topic() {
        return topic;
    }

    boolean seals() {
        return seals;
    }

    /** Returns how many batches it has had. */
    long batches() {
        return next;
    }

    /** Publishes the next batch; blocks while too much is in flight. */
    void publish(BatchMaker maker, long dueNanos, boolean counts) throws InterruptedException {
        publisher.publish(maker.make(new Stamp(id, next, dueNanos, counts)));
        next++;
    }

    /** Waits until all is acknowledged. */
    void flush() throws InterruptedException {
        publisher.flush();
    }

    /** Ends the stream. */
    void finish() throws InterruptedException {
        publisher.finish();
    }
}
