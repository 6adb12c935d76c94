package io.bowstring.client;

import io.bowstring.codec.IpcLimits;
import io.netty.channel.EventLoopGroup;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * How a client works. Immutable.
 *
 * @param server where it connects to
 * @param loops what carries its connections, of Netty's NIO or epoll; borrowed. Null: the client has one thread of its own,
 *     a daemon
 * @param allocator what vectors are accounted in; borrowed. Null: the client has one of its own, over Netty's pool
 * @param reconnect what happens when a connection is lost
 * @param timeouts how long a server may be silent
 * @param limits what a server may make the client hold, and vectors of it; what is above them ends a subscription
 * @param listener who is told of it
 */
public record ClientConfig(
        ServerAddress server,
        @Nullable EventLoopGroup loops,
        @Nullable BufferAllocator allocator,
        ReconnectConfig reconnect,
        TimeoutConfig timeouts,
        IpcLimits limits,
        ClientListener listener) {
    /** Four times what a server accepts by default, which has added entries of its own: 256 MiB of body, for example. */
    public static final IpcLimits DEFAULT_LIMITS = IpcLimits.DEFAULTS.toBuilder()
            .maxMetadataBytes(4 << 20)
            .maxSchemaBytes(32 << 20)
            .maxBodyBytes(256 << 20)
            .maxFields(48_000)
            .maxDepth(256)
            .maxSchemaEntries(4_096)
            .maxSchemaEntryBytes(16 << 20)
            .maxMessageEntries(256)
            .maxMessageEntryBytes(64 << 10)
            .maxDictionaries(4_000)
            .maxDecompressedBytes(1 << 30)
            .build();

    /** Checks that nothing is missing. */
    public ClientConfig {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(reconnect, "reconnect");
        Objects.requireNonNull(timeouts, "timeouts");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(listener, "listener");
    }

    /**
     * Returns the defaults: a thread and an allocator of its own, connections that are made again, troubles that are
     * logged.
     */
    public static ClientConfig of(ServerAddress server) {
        return new ClientConfig(
                server,
                null,
                null,
                ReconnectConfig.DEFAULTS,
                TimeoutConfig.DEFAULTS,
                DEFAULT_LIMITS,
                ClientListener.logging());
    }

    /**
     * Returns the defaults for a server at {@code bowstring://HOST:PORT} or {@code bowstring+unix:PATH}.
     *
     * @throws ClientException if the text is anything else
     */
    public static ClientConfig of(String url) {
        return of(ServerAddress.parse(url));
    }

    /** Returns this configuration with event loops, which stay the caller's to shut down, after the client. */
    public ClientConfig withLoops(EventLoopGroup other) {
        return new ClientConfig(server, other, allocator, reconnect, timeouts, limits, listener);
    }

    /** Returns this configuration with an allocator, which stays the caller's to close, after the client. */
    public ClientConfig withAllocator(BufferAllocator other) {
        return new ClientConfig(server, loops, other, reconnect, timeouts, limits, listener);
    }

    /** Returns this configuration with another way to reconnect. */
    public ClientConfig withReconnect(ReconnectConfig other) {
        return new ClientConfig(server, loops, allocator, other, timeouts, limits, listener);
    }

    /** Returns this configuration with other times that a server may be silent. */
    public ClientConfig withTimeouts(TimeoutConfig other) {
        return new ClientConfig(server, loops, allocator, reconnect, other, limits, listener);
    }

    /**
     * Returns this configuration with other limits, for a server that accepts more than by default, or one that is not
     * trusted.
     */
    public ClientConfig withLimits(IpcLimits other) {
        return new ClientConfig(server, loops, allocator, reconnect, timeouts, other, listener);
    }

    /** Returns this configuration with another listener. */
    public ClientConfig withListener(ClientListener other) {
        return new ClientConfig(server, loops, allocator, reconnect, timeouts, limits, other);
    }
}
