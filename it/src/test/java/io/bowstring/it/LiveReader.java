package io.bowstring.it;

import io.bowstring.client.Client;
import io.bowstring.client.ClientException;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.time.Duration;

/**
 * A subscription to all of a topic, on a thread of its own, that goes on where it was when its connection is lost, and notes what it
 * gets. Thread-safe.
 */
final class LiveReader implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final TopicRecord record;
    private final Subscription subscription;
    private final Thread thread;

    // Guarded by this.
    private long nextOffset;
    private boolean isClosed;
    private Throwable failure;

    LiveReader(Client client, TopicRecord record, LagPolicy onLag) {
        this.record = record;
        this.subscription = client.subscribe(
                SubscribeRequest.of(record.topic()).fromEarliest().onLag(onLag));
        this.thread = new Thread(this::run, "reader of " + record.topic());
        thread.start();
    }

    private void run() {
        try {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    record.add(nextOffset(), batch);
                }
                onBatch();
            }
            fail(new AssertionError("topic " + record.topic() + " is not sealed"));
        } catch (ClientException | AssertionError e) {
            fail(e);
        }
    }

    private synchronized long nextOffset() {
        return nextOffset;
    }

    private synchronized void onBatch() {
        nextOffset++;
        notifyAll();
    }

    private synchronized void fail(Throwable reason) {
        if (!isClosed) {
            failure = reason;
        }
        notifyAll();
    }

    /** Waits until it has got all before an offset. */
    synchronized void await(long offset) throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (nextOffset < offset && failure == null && System.nanoTime() < deadline) {
            wait(100);
        }
        if (failure != null || nextOffset < offset) {
            throw new AssertionError(
                    "reader of topic " + record.topic() + ": offset " + nextOffset + " (expected: " + offset + ")",
                    failure);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
        }
        subscription.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
