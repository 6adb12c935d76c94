package io.bowstring.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears of what happens to connections in the background. Each method does nothing by default. Event loops call it, so it must
 * not block. The client logs an exception that it throws, and otherwise ignores it.
 *
 * <p>Connections have names: {@code publisher of TOPIC}, {@code subscription to TOPIC}, {@code client} at the start.
 */
public interface ClientListener {
    /** Returns the one that logs through slf4j. */
    static ClientListener logging() {
        return LoggingListener.INSTANCE;
    }

    /**
     * A connection is lost, or the server does not serve it now, and it will be tried again.
     *
     * @param retryIn the time until the next attempt
     */
    default void onLost(String connection, ClientException reason, Duration retryIn) {}

    /** A connection that was lost is there again, and what it was for continues. */
    default void onRestored(String connection) {}

    /**
     * The topic has begun again, as after a restart of the server. A subscription continues with what the new log has, from its
     * earliest batch on; its offsets have nothing to do with those before. A publisher continues with what was not acknowledged;
     * what was, is gone with the old log.
     */
    default void onNewLog(String connection, String log) {}

    /**
     * A subscription waits for the first publisher of its topic: the server has no topic of that name.
     *
     * @param nearest the name of a topic that the server has, the one that is most like it; null where none is like it
     */
    default void onWaiting(String connection, @Nullable String nearest) {}
}
