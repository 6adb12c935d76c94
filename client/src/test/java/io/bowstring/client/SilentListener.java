package io.bowstring.client;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what happens. Thread-safe. */
final class SilentListener implements ClientListener {
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger restored = new AtomicInteger();

    int lost() {
        return lost.get();
    }

    int restored() {
        return restored.get();
    }

    @Override
    public void onLost(String connection, ClientException reason, Duration retryIn) {
        lost.incrementAndGet();
    }

    @Override
    public void onRestored(String connection) {
        restored.incrementAndGet();
    }

    @Override
    public void onNewLog(String connection, String log) {}
}
