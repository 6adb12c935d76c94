package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks for a number of batches when it is subscribed, closes what it gets, and keeps what it is told as text. Thread-safe. */
class RecordingSubscriber implements Flow.Subscriber<ReceivedBatch> {
    private final long firstDemand;
    private final Runnable afterBatch;
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    RecordingSubscriber(long firstDemand) {
        this(firstDemand, () -> {});
    }

    /**
     * Creates a subscriber that does something with each batch.
     *
     * @param afterBatch runs after each batch is closed and kept as text; may throw
     */
    RecordingSubscriber(long firstDemand, Runnable afterBatch) {
        this.firstDemand = firstDemand;
        this.afterBatch = afterBatch;
    }

    /** Returns what it was told next; fails after ten seconds. */
    String event() throws InterruptedException {
        String event = events.poll(10, TimeUnit.SECONDS);
        return event == null ? "nothing" : event;
    }

    /** Checks that it was told this next, in this order. */
    void expect(String... expected) throws InterruptedException {
        for (String event : expected) {
            assertThat(event()).isEqualTo(event);
        }
    }

    /** Returns how much it was told that {@link #event} has not returned. */
    int waiting() {
        return events.size();
    }

    /** Returns its subscription; waits for it. */
    Flow.Subscription subscription() {
        return subscription.join();
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        events.add("subscribed");
        subscription.complete(newSubscription);
        if (firstDemand != 0) {
            newSubscription.request(firstDemand);
        }
    }

    @Override
    public void onNext(ReceivedBatch batch) {
        try (batch) {
            events.add("batch " + batch.offset() + (batch.gap() == 0 ? "" : " gap " + batch.gap()));
        }
        afterBatch.run();
    }

    @Override
    public void onError(Throwable e) {
        events.add("error " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    @Override
    public void onComplete() {
        events.add("complete");
    }
}
