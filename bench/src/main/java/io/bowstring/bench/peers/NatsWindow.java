package io.bowstring.bench.peers;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Bounds the bytes that are underway to the subscribers of one topic. NATS core has no flow control: it cuts a slow subscriber. Its
 * publishers and subscribers share this process and keep to a window, which costs them next to nothing. Thread-safe.
 */
final class NatsWindow {
    private static final int MAX_BYTES = 64 << 20;
    private static final int MIN_BYTES = 1 << 20;
    private static final int ALL_BYTES = 512 << 20;

    /** Parties take and give back room in steps of so many bytes. */
    static final int STEP_BYTES = 256 << 10;

    private final int bytes;
    private final List<Semaphore> subscribers = new CopyOnWriteArrayList<>();

    /** Creates a window of one subscriber's part of what all may keep, and of two messages at least. */
    NatsWindow(int maxMessageBytes, int allSubscribers) {
        int part = Math.max(MIN_BYTES, Math.min(MAX_BYTES, ALL_BYTES / allSubscribers));
        bytes = Math.max(part, 2 * maxMessageBytes);
    }

    /** Adds a subscriber, which gives back what it has received. */
    Semaphore add() {
        Semaphore free = new Semaphore(bytes);
        subscribers.add(free);
        return free;
    }

    /** Takes room for that much; blocks until every subscriber has it. */
    void take(int taken) throws InterruptedException {
        for (Semaphore free : subscribers) {
            free.acquire(taken);
        }
    }
}
