package io.bowstring.server;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.IpcLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a server. Immutable. {@code docs/operate/configuration.md} lists the keys.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 picks a free one
 * @param unix where to listen on a Unix domain socket as well, or null
 * @param limits what one message of a peer may ask for
 * @param broker what the topics may hold
 * @param storage where they are kept beyond the life of the server
 * @param poolMemoryBytes how much unused memory is kept for the bodies of the next messages; 0 keeps none
 * @param connections how many peers are served, and how long one is waited for
 * @param drainTimeout how long subscribers have to take the rest when the server stops
 */
public record ServerConfig(
        String host,
        int port,
        @Nullable Path unix,
        IpcLimits limits,
        BrokerConfig broker,
        StorageConfig storage,
        ConnectionLimits connections,
        long poolMemoryBytes,
        Duration drainTimeout) {
    /** Loopback, port 8816, the default limits, 64 MiB of unused memory. */
    public static final ServerConfig DEFAULTS = new ServerConfig(
            "127.0.0.1",
            8816,
            null,
            IpcLimits.DEFAULTS,
            BrokerConfig.DEFAULTS,
            StorageConfig.DEFAULTS,
            ConnectionLimits.DEFAULTS,
            64L << 20,
            Duration.ofSeconds(10));

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public ServerConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
        if (poolMemoryBytes < 0) {
            throw new IllegalArgumentException("poolMemoryBytes: " + poolMemoryBytes + " (expected: >= 0)");
        }
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("drainTimeout: " + drainTimeout + " (expected: >= 0)");
        }
    }

    /**
     * Reads the settings: a flag goes before the environment, the environment before the file, the file before the
     * default.
     *
     * @param file a properties file with keys as in {@code docs/operate/configuration.md}, or null
     * @param environment the process's environment; {@code BOWSTRING_SERVER_TOPIC_WINDOW} sets {@code topic-window}
     * @param flags keys and values from the command line
     * @throws ConfigurationException where the file cannot be read, a key is unknown or a value is wrong
     */
    public static ServerConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        return new ConfigReader(file, environment, flags).read();
    }

    /** Returns these settings with another address to listen on. */
    public ServerConfig withHost(String otherHost) {
        return new ServerConfig(
                otherHost, port, unix, limits, broker, storage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with another port. */
    public ServerConfig withPort(int otherPort) {
        return new ServerConfig(
                host, otherPort, unix, limits, broker, storage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with a Unix domain socket as well, or without one where it is null. */
    public ServerConfig withUnix(@Nullable Path path) {
        return new ServerConfig(host, port, path, limits, broker, storage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with other limits. */
    public ServerConfig withLimits(IpcLimits otherLimits) {
        return new ServerConfig(
                host, port, unix, otherLimits, broker, storage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with another broker configuration. */
    public ServerConfig withBroker(BrokerConfig otherBroker) {
        return new ServerConfig(
                host, port, unix, limits, otherBroker, storage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with another place where topics are kept. */
    public ServerConfig withStorage(StorageConfig otherStorage) {
        return new ServerConfig(
                host, port, unix, limits, broker, otherStorage, connections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with other limits of connections. */
    public ServerConfig withConnections(ConnectionLimits otherConnections) {
        return new ServerConfig(
                host, port, unix, limits, broker, storage, otherConnections, poolMemoryBytes, drainTimeout);
    }

    /** Returns these settings with another amount of unused memory that is kept. */
    public ServerConfig withPoolMemoryBytes(long bytes) {
        return new ServerConfig(host, port, unix, limits, broker, storage, connections, bytes, drainTimeout);
    }

    /** Returns these settings with another drain timeout. */
    public ServerConfig withDrainTimeout(Duration timeout) {
        return new ServerConfig(host, port, unix, limits, broker, storage, connections, poolMemoryBytes, timeout);
    }
}
