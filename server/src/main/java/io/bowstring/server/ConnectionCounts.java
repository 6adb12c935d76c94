package io.bowstring.server;

/**
 * How many connections a server takes. Immutable.
 *
 * @param maxConnections connections at a time
 * @param maxConnectionsPerAddress connections at a time from one IP address
 * @param maxConnectionsPerSecond connections that are accepted in one second
 */
public record ConnectionCounts(int maxConnections, int maxConnectionsPerAddress, int maxConnectionsPerSecond) {
    /** 10,000 connections, 1,000 of one address, 500 a second. */
    public static final ConnectionCounts DEFAULTS = new ConnectionCounts(10_000, 1_000, 500);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public ConnectionCounts {
        requirePositive("maxConnections", maxConnections);
        requirePositive("maxConnectionsPerAddress", maxConnectionsPerAddress);
        requirePositive("maxConnectionsPerSecond", maxConnectionsPerSecond);
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** Returns these numbers with another one for all. */
    public ConnectionCounts withMaxConnections(int max) {
        return new ConnectionCounts(max, maxConnectionsPerAddress, maxConnectionsPerSecond);
    }

    /** Returns these numbers with another one for each address. */
    public ConnectionCounts withMaxConnectionsPerAddress(int max) {
        return new ConnectionCounts(maxConnections, max, maxConnectionsPerSecond);
    }

    /** Returns these numbers with another one for each second. */
    public ConnectionCounts withMaxConnectionsPerSecond(int max) {
        return new ConnectionCounts(maxConnections, maxConnectionsPerAddress, max);
    }
}
