package io.bowstring.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** All parties of a relay, each on a thread of its own. Owns the parties. Confined to the caller's thread. */
final class Load implements AutoCloseable {
    private static final int LOOK_MILLIS = 100;
    private static final int END_SECONDS = 10;

    private final ExecutorService threads = Executors.newCachedThreadPool(Load::newThread);
    private final RelayProcess relay;
    private final Parties parties;
    private final double patienceSeconds;

    /** The publishers of the current turn, or of the one that failed. */
    private final List<Publishing> publishers = new ArrayList<>();

    /** Creates the load of a relay, borrowed; no turn may take longer than {@code patienceSeconds}. */
    Load(RelayProcess relay, Parties parties, double patienceSeconds) {
        this.relay = relay;
        this.parties = parties;
        this.patienceSeconds = patienceSeconds;
    }

    private static Thread newThread(Runnable run) {
        Thread thread = new Thread(run, "bench-party");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Publishes once all subscribers are there, and waits until each has all batches.
     *
     * @throws ExecutionException if one party failed; then this can only be closed
     * @throws TimeoutException if one is late; likewise
     */
    Took run(Turn turn) throws Exception {
        Shape shape = turn.shape();
        CountDownLatch begun = new CountDownLatch(shape.allSubscribers());
        CountDownLatch delivered = new CountDownLatch(shape.allSubscribers());
        Running running = new Running(shape.allSubscribers() + shape.allPublishers());
        for (int i = 0; i < shape.allPublishers(); i++) {
            publishers.add(parties.publish(turn, i % shape.topics()));
        }
        List<Receiving> subscribers = new ArrayList<>();
        for (int i = 0; i < shape.allSubscribers(); i++) {
            Receiving subscriber = new Receiving(turn, begun, delivered);
            subscribers.add(subscriber);
            int topic = i % shape.topics();
            running.submit(() -> receive(topic, subscriber));
        }
        running.await(begun, "to begin");
        double cpuBefore = relay.cpuSeconds();
        long start = turn.begin();
        for (Publishing publisher : publishers) {
            running.submit(() -> publish(turn, publisher));
        }
        running.await(delivered, "for the last batch");
        double cpuSeconds = relay.cpuSeconds() - cpuBefore;
        running.awaitEnd();
        closePublishers();
        return new Took(
                (subscribers.stream().mapToLong(Receiving::lastNanos).max().orElseThrow() - start) / 1e9,
                cpuSeconds,
                subscribers.stream().mapToLong(Receiving::batches).sum(),
                subscribers.stream().mapToLong(Receiving::bodyBytes).sum());
    }

    private interface Party {
        void run() throws Exception;
    }

    /** The parties of a turn. */
    private final class Running {
        private final long endNanos = System.nanoTime() + (long) (patienceSeconds * 1e9);
        private final List<Future<?>> parties = new ArrayList<>();
        private final CountDownLatch ended;

        Running(int count) {
            ended = new CountDownLatch(count);
        }

        void submit(Party party) {
            parties.add(threads.submit(() -> {
                try {
                    party.run();
                } finally {
                    ended.countDown();
                }
                return null;
            }));
        }

        /** Waits for the latch; throws if a party fails, or if it takes too long. */
        void await(CountDownLatch latch, String what) throws Exception {
            while (!latch.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                requireNoFailure();
                if (System.nanoTime() - endNanos > 0) {
                    throw new TimeoutException(latch.getCount() + " parties wait " + what + " (expected: none after "
                            + patienceSeconds + " s)");
                }
            }
        }

        void awaitEnd() throws Exception {
            await(ended, "to end");
            for (Future<?> party : parties) {
                party.get(); // at once
            }
        }

        private void requireNoFailure() throws ExecutionException, InterruptedException {
            for (Future<?> party : parties) {
                if (party.isDone()) {
                    party.get();
                }
            }
        }
    }

    private void receive(int topic, Receiving subscriber) throws Exception {
        parties.receive(topic, subscriber);
        subscriber.requireAll();
    }

    private static void publish(Turn turn, Publishing publisher) throws Exception {
        int sent = 0;
        while (sent < turn.count()) {
            int due = turn.awaitDue(sent);
            publisher.send(due - sent);
            sent = due;
        }
        publisher.finish();
    }

    private void closePublishers() {
        List<Publishing> closed = List.copyOf(publishers);
        publishers.clear();
        Closing.all(closed);
    }

    /** Interrupts the parties that still run; what they use is closed once they have ended, or never. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean haveEnded = false;
        try {
            haveEnded = threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!haveEnded) {
            throw new IllegalStateException(
                    "parties: running (expected: ended " + END_SECONDS + " s after an interrupt)");
        }
        Closing.all(List.<AutoCloseable>of(this::closePublishers, parties));
    }
}
