package io.bowstring.server;

import io.bowstring.broker.BrokerConfig;
import java.time.Duration;

/**
 * How many peers a server takes, and how long it waits for each. Immutable. A time or rate of 0 switches its limit off.
 *
 * @param maxConnections connections at a time
 * @param maxConnectionsPerAddress connections at a time from one IP address
 * @param maxConnectionsPerSecond connections that are accepted in one second
 * @param requestTimeout how long the schema of a request may take, from the opening of the connection for its first
 *     request, from its first byte for a later one
 * @param minBytesPerSecond how fast a message must come that has begun, and how fast a peer must take what is there for it,
 *     as an average over {@code minRateTime}
 * @param minRateTime the time that the rate is measured over
 * @param writeTimeout how long a peer may take nothing of what is there for it
 * @param peerTimeout how long a peer may be silent on the level of TCP while it is owed something, where the platform
 *     has that
 * @param receiveMemoryBytes what messages may hold that are not whole yet, of all connections together, in bytes; one
 *     message is received alone, however large
 */
public record ConnectionLimits(
        int maxConnections,
        int maxConnectionsPerAddress,
        int maxConnectionsPerSecond,
        Duration requestTimeout,
        long minBytesPerSecond,
        Duration minRateTime,
        Duration writeTimeout,
        Duration peerTimeout,
        long receiveMemoryBytes) {
    private static final Duration MAX_TIME = Duration.ofDays(1);

    /** 10,000 connections, 10 seconds for a request and for taking something, 1 KiB per second, a fifth of the direct memory. */
    public static final ConnectionLimits DEFAULTS = new ConnectionLimits(
            10_000,
            1_000,
            500,
            Duration.ofSeconds(10),
            1_024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            BrokerConfig.directMemory(20));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public ConnectionLimits {
        requirePositive("maxConnections", maxConnections);
        requirePositive("maxConnectionsPerAddress", maxConnectionsPerAddress);
        requirePositive("maxConnectionsPerSecond", maxConnectionsPerSecond);
        requireTime("requestTimeout", requestTimeout);
        if (minBytesPerSecond < 0 || minBytesPerSecond > 1 << 30) {
            throw new IllegalArgumentException(
                    "minBytesPerSecond: " + minBytesPerSecond + " (expected: 0.." + (1 << 30) + ")");
        }
        if (minRateTime.isZero()) {
            throw new IllegalArgumentException("minRateTime: " + minRateTime + " (expected: > 0)");
        }
        requireTime("minRateTime", minRateTime);
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

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    private static void requireTime(String name, Duration value) {
        if (value.isNegative() || value.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1440m)");
        }
    }

    /** Returns these limits with other numbers of connections. */
    public ConnectionLimits withConnections(int max, int maxPerAddress, int maxPerSecond) {
        return new ConnectionLimits(
                max,
                maxPerAddress,
                maxPerSecond,
                requestTimeout,
                minBytesPerSecond,
                minRateTime,
                writeTimeout,
                peerTimeout,
                receiveMemoryBytes);
    }

    /** Returns these limits with another time for the schema of a request. */
    public ConnectionLimits withRequestTimeout(Duration timeout) {
        return new ConnectionLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectionsPerSecond,
                timeout,
                minBytesPerSecond,
                minRateTime,
                writeTimeout,
                peerTimeout,
                receiveMemoryBytes);
    }

    /** Returns these limits with another rate for messages. */
    public ConnectionLimits withMinRate(long bytesPerSecond, Duration time) {
        return new ConnectionLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectionsPerSecond,
                requestTimeout,
                bytesPerSecond,
                time,
                writeTimeout,
                peerTimeout,
                receiveMemoryBytes);
    }

    /** Returns these limits with another time in which a peer must take something. */
    public ConnectionLimits withWriteTimeout(Duration timeout) {
        return new ConnectionLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectionsPerSecond,
                requestTimeout,
                minBytesPerSecond,
                minRateTime,
                timeout,
                peerTimeout,
                receiveMemoryBytes);
    }

    /** Returns these limits with another time in which a peer's machine must answer. */
    public ConnectionLimits withPeerTimeout(Duration timeout) {
        return new ConnectionLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectionsPerSecond,
                requestTimeout,
                minBytesPerSecond,
                minRateTime,
                writeTimeout,
                timeout,
                receiveMemoryBytes);
    }

    /** Returns these limits with another bound on what messages hold that are arriving. */
    public ConnectionLimits withReceiveMemory(long bytes) {
        return new ConnectionLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectionsPerSecond,
                requestTimeout,
                minBytesPerSecond,
                minRateTime,
                writeTimeout,
                peerTimeout,
                bytes);
    }
}
