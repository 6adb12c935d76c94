package io.bowstring.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what it is told as text. Thread-safe. */
final class RecordingListener implements ClientListener {
    private final List<String> events = new CopyOnWriteArrayList<>();

    List<String> events() {
        return events;
    }

    @Override
    public void onLost(String connection, ClientException reason, Duration retryIn) {
        events.add(connection + " lost, " + retryIn.toMillis() + " ms: " + reason.getMessage());
    }

    @Override
    public void onRestored(String connection) {
        events.add(connection + " restored");
    }

    @Override
    public void onNewLog(String connection, String log) {
        events.add(connection + " has log " + log);
    }

    @Override
    public void onWaiting(String connection, @Nullable String nearest) {
        events.add(connection + " waits, nearest " + nearest);
    }
}
