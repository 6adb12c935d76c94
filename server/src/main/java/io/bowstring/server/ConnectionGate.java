package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections that are open, in all and by address, and those of the present second, and says which one is
 * too many.
 *
 * <p>Thread-safe, by a lock that is taken when a connection comes and when it goes, never for what it carries.
 */
final class ConnectionGate {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ConnectionLimits limits;
    private final Counters counters;
    private final LongSupplier nanoClock;

    // Guarded by this.
    private final Map<InetAddress, Integer> openByAddress = new HashMap<>();
    private int open;
    private long secondNanos;
    private int openedInSecond;
    private long loggedNanos;
    private long refusedUnlogged;

    ConnectionGate(ConnectionLimits limits, Counters counters, LongSupplier nanoClock) {
        this.limits = limits;
        this.counters = counters;
        this.nanoClock = nanoClock;
        this.secondNanos = nanoClock.getAsLong();
        this.loggedNanos = secondNanos - SECOND_NANOS;
    }

    /**
     * Lets a connection in, which is counted until its channel is closed, whatever closes it; or says why it is one too
     * many.
     */
    @Nullable
    ProtocolException enter(Channel channel) {
        // Unix domain sockets have no such address, and a peer that has gone already may not.
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
        ProtocolException reason = count(address);
        if (reason == null) {
            counters.increment(Counter.CONNECTIONS_OPENED);
            channel.closeFuture().addListener(closed -> leave(address));
        }
        return reason;
    }

    private synchronized @Nullable ProtocolException count(@Nullable InetAddress address) {
        long now = nanoClock.getAsLong();
        if (now - secondNanos >= SECOND_NANOS) {
            secondNanos = now;
            openedInSecond = 0;
        }
        int ofAddress = openByAddress.getOrDefault(address, 0);
        if (open >= limits.maxConnections()) {
            return refusal(now, Counter.CONNECTIONS_REFUSED_TOTAL, "connections", limits.maxConnections());
        } else if (ofAddress >= limits.maxConnectionsPerAddress()) {
            return refusal(
                    now,
                    Counter.CONNECTIONS_REFUSED_ADDRESS,
                    "connections from one address",
                    limits.maxConnectionsPerAddress());
        } else if (openedInSecond >= limits.maxConnectionsPerSecond()) {
            return refusal(
                    now,
                    Counter.CONNECTIONS_REFUSED_RATE,
                    "new connections in one second",
                    limits.maxConnectionsPerSecond());
        }
        open++;
        openedInSecond++;
        if (address != null) {
            openByAddress.put(address, ofAddress + 1);
        }
        return null;
    }

    private void leave(@Nullable InetAddress address) {
        counters.increment(Counter.CONNECTIONS_CLOSED);
        synchronized (this) {
            open--;
            if (address != null) {
                openByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    private ProtocolException refusal(long now, Counter counter, String what, int limit) {
        counters.increment(counter);
        refusedUnlogged++;
        ProtocolException reason = ProtocolException.of(ErrorCode.LIMIT_REACHED, what, limit + 1, "<= " + limit);
        if (now - loggedNanos >= SECOND_NANOS) { // a flood of connections must not become one of lines
            LOG.warn("{} connections refused: {}: {}", refusedUnlogged, reason.code(), reason.getMessage());
            loggedNanos = now;
            refusedUnlogged = 0;
        }
        return reason;
    }
}
