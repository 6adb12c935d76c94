package io.bowstring.broker;

import java.util.Locale;

/**
 * The counters of a broker and its front ends. The set is closed and the keys are stable; {@code docs/reference/counters.md} lists
 * them. All count up from 0 since the start.
 *
 * <p>Immutable.
 */
public enum Counter {
    CONNECTIONS_OPENED("connections", "that have been accepted"),
    CONNECTIONS_CLOSED("connections", "of those, that have ended"),
    CONNECTIONS_REFUSED_TOTAL("connections", "refused because of `max-connections`"),
    CONNECTIONS_REFUSED_ADDRESS("connections", "refused because of `max-connections-per-address`"),
    CONNECTIONS_REFUSED_RATE("connections", "refused because of `max-connections-per-second`"),
    CONNECTIONS_REFUSED_MEMORY("connections", "refused because `memory` was full and their address had several"),
    CONNECTIONS_LOST("connections", "that the operating system reports as broken: reset by the peer, or timed out"),
    REQUESTS_TIMED_OUT("requests", "whose schema was not whole within `request-timeout`"),
    MESSAGES_TOO_SLOW("messages", "that came more slowly than `min-rate`"),
    MESSAGES_PAUSED_FOR_MEMORY("pauses", "in reading a message because of `receive-memory`"),
    MESSAGES_CUT_FOR_MEMORY("messages", "refused because they hardly grew while others waited for `receive-memory`"),
    WRITES_STALLED("connections", "cut because their peer took nothing for `write-timeout`, or less than `min-rate`"),
    BATCHES_APPENDED("batches", "appended to topics"),
    ROWS_APPENDED("rows", "of those batches"),
    BYTES_APPENDED("bytes", "of those batches, as they were received"),
    BATCHES_DELIVERED("batches", "handed to subscribers, once for each of them"),
    BYTES_DELIVERED("bytes", "of those, as they are sent, dictionaries included"),
    BATCHES_DROPPED("batches", "that subscribers with `on-lag` = `drop` missed"),
    SUBSCRIBERS_LAGGED("subscribers", "cut because they fell out of the window"),
    SUBSCRIBERS_CUT_FOR_MEMORY("subscribers", "cut because most memory waited for them when it was short"),
    PUBLISHERS_PAUSED("pauses", "in reading from a publisher because of `max-in-flight`, or because memory is short"),
    REQUESTS_REFUSED("requests", "refused, by error code"),
    REPLIES_CUT("replies", "reset before their end, by error code");

    private final String unit;
    private final String help;

    Counter(String unit, String help) {
        this.unit = unit;
        this.help = help;
    }

    /** Returns the stable name, {@code connections_opened} for example. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns what is counted. */
    public String unit() {
        return unit;
    }

    /** Returns which of them are counted, as text that follows the unit. */
    public String help() {
        return help;
    }

    /** Returns whether there is a count for each {@link io.bowstring.protocol.ErrorCode} beside the sum. */
    public boolean isByErrorCode() {
        return this == REQUESTS_REFUSED || this == REPLIES_CUT;
    }
}
