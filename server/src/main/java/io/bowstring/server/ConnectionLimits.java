package io.bowstring.server;

import io.bowstring.broker.MemoryConfig;
import java.time.Duration;

/**
 * How many peers a server takes, and how long it waits for each. Immutable. A time or rate of 0 switches its limit off.
 *
 * @param counts how many connections there may be
 * @param requestTimeout how long the schema of a request may take, from the opening of the connection for its first
 *     request, from its first byte for a later one
 * @param minRate how fast a message must come, and be taken
 * @param writeTimeout how long a peer may take nothing of what is there for it
 * @param peerTimeout how long a peer may be silent on the level of TCP while it is owed something, where the platform
 *     has that
 * @param receiveMemoryBytes what messages may hold that are not whole yet, of all connections together, in bytes; one
 *     message is received alone, however large
 */
public record ConnectionLimits(
        ConnectionCounts counts,
        Duration requestTimeout,
        MinRate minRate,
        Duration writeTimeout,
        Duration peerTimeout,
        long receiveMemoryBytes) {
    private static final Duration MAX_TIME = Duration.ofDays(1);

    /**
     * 10,000 connections, 10 seconds for a request and for taking something, 1 KiB per second, a fifth of the direct
     * memory.
     */
    public static final ConnectionLimits DEFAULTS = new ConnectionLimits(
            ConnectionCounts.DEFAULTS,
            Duration.ofSeconds(10),
            MinRate.DEFAULTS,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            MemoryConfig.directMemory(20));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public ConnectionLimits {
        requireTime("requestTimeout", requestTimeout);
        requireTime("writeTimeout", writeTimeout);
        requireTime("peerTimeout", peerTimeout);
        if (receiveMemoryBytes <= 0) {
            throw new IllegalArgumentException("receiveMemoryBytes: " + receiveMemoryBytes + " (expected: > 0)");
        }
    }

    /** Returns how often a peer of which nothing more is heard is asked whether it is there; found out within 3 times. */
    Duration probePeriod() {
        return (peerTimeout.isZero() ? DEFAULTS : this).peerTimeout.dividedBy(3);
    }

    static void requireTime(String name, Duration value) {
        if (value.isNegative() || value.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1440m)");
        }
    }

    /** Returns these limits with other numbers of connections. */
    public ConnectionLimits withCounts(ConnectionCounts other) {
        return new ConnectionLimits(other, requestTimeout, minRate, writeTimeout, peerTimeout, receiveMemoryBytes);
    }

    /** Returns these limits with another time for the schema of a request. */
    public ConnectionLimits withRequestTimeout(Duration timeout) {
        return new ConnectionLimits(counts, timeout, minRate, writeTimeout, peerTimeout, receiveMemoryBytes);
    }

    /** Returns these limits with another rate for messages. */
    public ConnectionLimits withMinRate(MinRate other) {
        return new ConnectionLimits(counts, requestTimeout, other, writeTimeout, peerTimeout, receiveMemoryBytes);
    }

    /** Returns these limits with another time in which a peer must take something. */
    public ConnectionLimits withWriteTimeout(Duration timeout) {
        return new ConnectionLimits(counts, requestTimeout, minRate, timeout, peerTimeout, receiveMemoryBytes);
    }

    /** Returns these limits with another time in which a peer's machine must answer. */
    public ConnectionLimits withPeerTimeout(Duration timeout) {
        return new ConnectionLimits(counts, requestTimeout, minRate, writeTimeout, timeout, receiveMemoryBytes);
    }

    /** Returns these limits with another bound on what messages hold that are arriving. */
    public ConnectionLimits withReceiveMemoryBytes(long bytes) {
        return new ConnectionLimits(counts, requestTimeout, minRate, writeTimeout, peerTimeout, bytes);
    }
}
