package io.bowstring.cli.bench;

import io.bowstring.client.Client;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A subscriber that takes nothing but the schema, again and again: the server must neither wait for it nor keep much for it. It
 * comes after the first batch, so that whoever waits for subscribers does not count it. Runs until it is interrupted. Confined to
 * its thread, but for what is said to be for any.
 */
final class StalledLoad implements Callable<Void> {
    /** Longer than it takes to fill what lies between, and than a server by default waits for a peer that takes nothing. */
    private static final Duration STALL = Duration.ofSeconds(40);

    private static final long POLL_MILLIS = 100;

    private final Client client;
    private final BenchTopics topics;
    private final int topic;
    private final AtomicLong subscriptions = new AtomicLong();

    /**
     * Creates the load; it does nothing yet.
     *
     * @param client borrowed
     */
    StalledLoad(Client client, BenchTopics topics, int topic) {
        this.client = client;
        this.topics = topics;
        this.topic = topic;
    }

    @Override
    public Void call() throws InterruptedException {
        while (TopicTotals.of(client, topics).batches() == 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        SubscribeRequest request = SubscribeRequest.of(topics.name(topic)).onLag(LagPolicy.DROP);
        while (true) {
            stall(request);
        }
    }

    private void stall(SubscribeRequest request) throws InterruptedException {
        try (MessageSubscription untaken = client.messageSubscription(request)) {
            long sinceNanos = System.nanoTime();
            IpcMessage schema = untaken.next(STALL); // which comes when the server has accepted
            if (schema != null) {
                schema.release();
                subscriptions.incrementAndGet();
            }
            do { // a topic that is complete ends at once, and again
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } while (!untaken.hasEnded() && System.nanoTime() - sinceNanos < STALL.toNanos());
        }
    }

    /** Returns how many of its subscriptions the server has accepted. For any thread. */
    long subscriptions() {
        return subscriptions.get();
    }
}
