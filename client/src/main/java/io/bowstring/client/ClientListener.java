package io.bowstring.client;

import java.time.Duration;

/**
 * What happens to connections while nobody asks. It is told on event loops, so that it must not block. What it throws is
 * logged and otherwise ignored.
 *
 * <p>Connections have names: {@code publisher of TOPIC}, {@code subscription to TOPIC}.
 */
public interface ClientListener {
    /** Logs through slf4j. */
    ClientListener LOGGING = new LoggingListener();

    /**
     * A connection is lost, or the server does not serve it now, and it will be tried again.
     *
     * @param retryIn the time until the next attempt
     */
    void onLost(String connection, ClientException reason, Duration retryIn);

    /** A connection that was lost is there again, and what it was for goes on. */
    void onRestored(String connection);

    /**
     * The topic has begun anew, as after a restart of the server. A subscription goes on with what the new log has, from its
     * earliest batch on; its offsets have nothing to do with those before.
     */
    void onNewLog(String connection, String log);
}
