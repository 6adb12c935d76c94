package io.bowstring.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** All parties of a relay, each on a thread of its own. Owns the parties. Confined to the caller's thread. */
final class Load implements AutoCloseable {
    private static final int LOOK_MILLIS = 100;

    private final ExecutorService threads = Executors.newCachedThreadPool(Load::newThread);
    private final Parties parties;

    Load(Parties parties) {
        this.parties = parties;
    }

    private static Thread newThread(Runnable run) {
        Thread thread = new Thread(run, "bench-party");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Publishes once all subscribers are there, and waits until each has all batches.
     *
     * @return seconds from the first batch to the end of the last party
     * @throws ExecutionException if one party failed; then this can only be closed
     */
    double run(Turn turn) throws Exception {
        Shape shape = turn.shape();
        CompletionService<Void> running = new ExecutorCompletionService<>(threads);
        CountDownLatch begun = new CountDownLatch(shape.allSubscribers());
        List<Publishing> publishers = new ArrayList<>();
        try {
            for (int i = 0; i < shape.allPublishers(); i++) {
                publishers.add(parties.publish(turn, i % shape.topics()));
            }
            for (int i = 0; i < shape.allSubscribers(); i++) {
                int topic = i % shape.topics();
                running.submit(() -> receive(turn, topic, begun));
            }
            int left = shape.allSubscribers() + shape.allPublishers();
            while (!begun.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                Future<Void> ended = running.poll(); // a subscriber that failed
                if (ended != null) {
                    ended.get();
                    left--;
                }
            }
            long start = turn.begin();
            for (Publishing publisher : publishers) {
                running.submit(() -> publish(turn, publisher));
            }
            for (; left > 0; left--) {
                running.take().get();
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            for (Publishing publisher : publishers) {
                publisher.close();
            }
        }
    }

    private Void receive(Turn turn, int topic, CountDownLatch begun) throws Exception {
        parties.receive(turn, topic, begun::countDown);
        return null;
    }

    private static Void publish(Turn turn, Publishing publisher) throws Exception {
        int sent = 0;
        while (sent < turn.count()) {
            int due = turn.awaitDue(sent);
            publisher.send(due - sent);
            sent = due;
        }
        publisher.finish();
        return null;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        parties.close();
    }
}
