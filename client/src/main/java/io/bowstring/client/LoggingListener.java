package io.bowstring.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what happens to connections. Thread-safe. */
final class LoggingListener implements ClientListener {
    static final ClientListener INSTANCE = new LoggingListener();

    private static final Logger LOG = LoggerFactory.getLogger(Client.class);

    private LoggingListener() {}

    @Override
    public void onLost(String connection, ClientException reason, Duration retryIn) {
        LOG.warn("{} lost, next attempt in {} ms: {}", connection, retryIn.toMillis(), reason.getMessage());
    }

    @Override
    public void onRestored(String connection) {
        LOG.info("{} restored", connection);
    }

    @Override
    public void onNewLog(String connection, String log) {
        LOG.warn("{}: the topic has begun again, as log {}", connection, log);
    }

    @Override
    public void onWaiting(String connection, @Nullable String nearest) {
        LOG.warn(
                "{}: there is no such topic yet, and a publisher is waited for{}",
                connection,
                nearest == null ? "" : "; the nearest topic is " + nearest);
    }
}
