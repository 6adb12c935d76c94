package io.bowstring.client;

import java.time.Duration;

/**
 * How long a server may be silent before it is taken for gone. Immutable.
 *
 * @param connect how long a connection may take to be made
 * @param answer how long the server may take to begin its answer to a publisher or a listing. A subscription may have to wait
 *     for its topic: after a tenth of the time the server is asked for a listing over another connection, which it must answer
 *     in time
 * @param peer how long the server's machine may not answer, over TCP, in whole seconds; and how long publishers may be without
 *     an acknowledgement before the server is asked for a listing over another connection
 * @param finish how long {@code finish} waits after each acknowledgement for the next one
 * @param close how long closing waits for acknowledgements, of all publishers of a client together
 */
public record TimeoutConfig(Duration connect, Duration answer, Duration peer, Duration finish, Duration close) {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    /** 10 seconds to connect and to be answered, 15 for a machine that is gone, 2 minutes to finish, 30 seconds to close. */
    public static final TimeoutConfig DEFAULTS = new TimeoutConfig(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofMinutes(2),
            Duration.ofSeconds(30));

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if one of them is not 1 millisecond to a day
     */
    public TimeoutConfig {
        requireInRange("connect", connect);
        requireInRange("answer", answer);
        requireInRange("peer", peer);
        requireInRange("finish", finish);
        requireInRange("close", close);
    }

    private static void requireInRange(String name, Duration value) {
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + SHORTEST + ".." + LONGEST + ")");
        }
    }

    /** Returns these times with another for connecting. */
    public TimeoutConfig withConnect(Duration other) {
        return new TimeoutConfig(other, answer, peer, finish, close);
    }

    /** Returns these times with another for the answer. */
    public TimeoutConfig withAnswer(Duration other) {
        return new TimeoutConfig(connect, other, peer, finish, close);
    }

    /** Returns these times with another for a machine that is gone. */
    public TimeoutConfig withPeer(Duration other) {
        return new TimeoutConfig(connect, answer, other, finish, close);
    }

    /** Returns these times with another for finishing. */
    public TimeoutConfig withFinish(Duration other) {
        return new TimeoutConfig(connect, answer, peer, other, close);
    }

    /** Returns these times with another for closing. */
    public TimeoutConfig withClose(Duration other) {
        return new TimeoutConfig(connect, answer, peer, finish, other);
    }
}
