package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

class ConnectionGateTest {
    private final Counters counters = new Counters();
    private long nowNanos = -5;

    private ConnectionGate gate(int max, int maxPerAddress, int maxPerSecond) {
        ConnectionLimits limits = ConnectionLimits.DEFAULTS.withConnections(max, maxPerAddress, maxPerSecond);
        return new ConnectionGate(limits, counters, () -> nowNanos);
    }

    private static EmbeddedChannel from(int lastByte) throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) lastByte});
        return new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
                return isActive() ? new InetSocketAddress(address, 1) : null;
            }
        };
    }

    private static void assertRefused(ProtocolException reason, String message) {
        assertThat(reason).isNotNull().hasMessage(message).returns(ErrorCode.LIMIT_REACHED, ProtocolException::code);
    }

    @Test
    void countsConnectionsUntilTheyClose() throws Exception {
        ConnectionGate gate = gate(2, 2, 100);
        EmbeddedChannel first = from(1);
        assertThat(gate.enter(first)).isNull();
        assertThat(gate.enter(from(2))).isNull();
        assertRefused(gate.enter(from(3)), "connections: 3 (expected: <= 2)");

        first.close();

        assertThat(gate.enter(from(3))).isNull();
        assertRefused(gate.enter(from(4)), "connections: 3 (expected: <= 2)");
        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isEqualTo(3);
        assertThat(counters.value(Counter.CONNECTIONS_CLOSED)).isOne();
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_TOTAL)).isEqualTo(2);
    }

    @Test
    void countsAddressesApart() throws Exception {
        ConnectionGate gate = gate(100, 2, 100);
        EmbeddedChannel first = from(1);
        assertThat(gate.enter(first)).isNull();
        assertThat(gate.enter(from(1))).isNull();
        assertRefused(gate.enter(from(1)), "connections from one address: 3 (expected: <= 2)");
        assertThat(gate.enter(from(2))).isNull();

        first.close(); // a closed channel does not know its peer any longer

        assertThat(gate.enter(from(1))).isNull();
        assertRefused(gate.enter(from(1)), "connections from one address: 3 (expected: <= 2)");
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_ADDRESS)).isEqualTo(2);
    }

    @Test
    void hasNoLimitPerAddressWhereThereIsNone() {
        ConnectionGate gate = gate(100, 1, 100);

        assertThat(gate.enter(new EmbeddedChannel())).isNull();
        assertThat(gate.enter(new EmbeddedChannel())).isNull();
    }

    @Test
    void countsEachSecondAnew() throws Exception {
        ConnectionGate gate = gate(100, 100, 2);
        assertThat(gate.enter(from(1))).isNull();
        nowNanos += 999_999_999;
        assertThat(gate.enter(from(2))).isNull();
        assertRefused(gate.enter(from(3)), "new connections in one second: 3 (expected: <= 2)");

        nowNanos++;

        assertThat(gate.enter(from(3))).isNull();
        assertThat(gate.enter(from(4))).isNull();
        assertRefused(gate.enter(from(5)), "new connections in one second: 3 (expected: <= 2)");
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_RATE)).isEqualTo(2);
    }
}
