package io.bowstring.bench.peers;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * What may be underway to the subscribers of one topic. NATS core has no flow control: it cuts a subscriber that is late. So its
 * publishers and subscribers, which share this process, keep to a window, which costs them next to nothing. Thread-safe.
 */
final class NatsWindow {
    private static final int MAX_BYTES = 64 << 20;
    private static final int MIN_BYTES = 1 << 20;
    private static final int ALL_BYTES = 512 << 20;

    /** What is taken and given back at a time. */
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
