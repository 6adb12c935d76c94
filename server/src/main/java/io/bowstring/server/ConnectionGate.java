package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections that are open, in all and by source, and those of the present second, and says which one is too
 * many.
 *
 * <p>Thread-safe, by a lock that is taken when a connection comes and when it goes, never for what it carries.
 */
final class ConnectionGate {
    /** So many connections of one source are let in however full memory is: it is not to pay for what others hold. */
    static final int FEW = 10;

    private final ConnectionCounts limits;
    private final Counters counters;
    private final BooleanSupplier isMemoryFull;
    private final LongSupplier nanoClock;

    // Guarded by this.
    private final Map<ConnectionSource, Integer> openBySource = new HashMap<>();
    private final AcceptRate rate;
    private int open;

    /**
     * Creates a gate that nobody has passed yet.
     *
     * @param isMemoryFull whether to refuse an address that has several connections already
     */
    ConnectionGate(ConnectionCounts limits, Counters counters, BooleanSupplier isMemoryFull, LongSupplier nanoClock) {
        this.limits = limits;
        this.counters = counters;
        this.isMemoryFull = isMemoryFull;
        this.nanoClock = nanoClock;
        this.rate = new AcceptRate(limits.maxConnectionsPerSecond(), nanoClock.getAsLong());
    }

    /**
     * Lets a connection in, which is counted until its channel is closed, whatever closes it; or says why it is one too
     * many.
     */
    @Nullable
    ProtocolException enter(Channel channel, ConnectionSource source) {
        ProtocolException reason = count(source);
        if (reason == null) {
            channel.closeFuture().addListener(closed -> leave(source));
        } else {
            PeerLog.CONNECTIONS.say(
                    Connection.name(channel) + " refused: " + reason.code() + ": " + reason.getMessage());
        }
        return reason;
    }

    private synchronized @Nullable ProtocolException count(ConnectionSource source) {
        int ofSource = openBySource.getOrDefault(source, 0);
        int max = limits.maxConnections();
        int maxOfSource = limits.maxConnectionsPerAddress();
        int maxPerSecond = limits.maxConnectionsPerSecond();
        if (open >= max) {
            return refusal(Counter.CONNECTIONS_REFUSED_TOTAL, "connections", max + 1, max + "; max-connections");
        } else if (ofSource >= maxOfSource) {
            return refusal(
                    Counter.CONNECTIONS_REFUSED_ADDRESS,
                    "connections from one address",
                    maxOfSource + 1,
                    maxOfSource + "; max-connections-per-address");
        } else if (ofSource >= FEW && isMemoryFull.getAsBoolean()) {
            return refusal(
                    Counter.CONNECTIONS_REFUSED_MEMORY,
                    "connections from one address",
                    ofSource + 1,
                    FEW + ", where more than 95 % of the memory is in use; memory");
        } else if (!rate.tryAccept(source, nanoClock.getAsLong())) {
            return refusal(
                    Counter.CONNECTIONS_REFUSED_RATE,
                    "new connections in one second",
                    "too many",
                    maxPerSecond + ", half of them from addresses that have had few; max-connections-per-second");
        }
        open++;
        counters.increment(Counter.CONNECTIONS_OPENED); // before any refusal that this connection brings about
        if (!source.equals(ConnectionSource.NO_ADDRESS)) {
            openBySource.put(source, ofSource + 1);
        }
        return null;
    }

    private void leave(ConnectionSource source) {
        counters.increment(Counter.CONNECTIONS_CLOSED);
        synchronized (this) {
            open--;
            openBySource.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    private ProtocolException refusal(Counter counter, String what, Object value, String limit) {
        counters.increment(counter);
        return ProtocolException.of(ErrorCode.LIMIT_REACHED, what, value, "<= " + limit);
    }
}
