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
    private static final String TOO_FAST = "new connections in one second: too many"
            + " (expected: <= 2, half of them from addresses that have had few; max-connections-per-second)";

    private final Counters counters = new Counters();
    private long nowNanos = -5;
    private boolean isMemoryFull;

    private ConnectionGate gate(int max, int maxPerAddress, int maxPerSecond) {
        ConnectionCounts limits = new ConnectionCounts(max, maxPerAddress, maxPerSecond);
        return new ConnectionGate(limits, counters, () -> isMemoryFull, () -> nowNanos);
    }

    private static EmbeddedChannel from(int lastByte) throws Exception {
        return from(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) lastByte}));
    }

    private static EmbeddedChannel from(InetAddress address) {
        return new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
                return isActive() ? new InetSocketAddress(address, 1) : null;
            }
        };
    }

    private static ProtocolException enter(ConnectionGate gate, EmbeddedChannel channel) {
        return gate.enter(channel, ConnectionSource.of(channel));
    }

    private static void assertRefused(ProtocolException reason, String message) {
        assertThat(reason).isNotNull().hasMessage(message).returns(ErrorCode.LIMIT_REACHED, ProtocolException::code);
    }

    @Test
    void countsConnectionsUntilTheyClose() throws Exception {
        ConnectionGate gate = gate(2, 2, 100);
        EmbeddedChannel first = from(1);
        assertThat(enter(gate, first)).isNull();
        assertThat(enter(gate, from(2))).isNull();
        assertRefused(enter(gate, from(3)), "connections: 3 (expected: <= 2; max-connections)");

        first.close();

        assertThat(enter(gate, from(3))).isNull();
        assertRefused(enter(gate, from(4)), "connections: 3 (expected: <= 2; max-connections)");
        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isEqualTo(3);
        assertThat(counters.value(Counter.CONNECTIONS_CLOSED)).isOne();
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_TOTAL)).isEqualTo(2);
    }

    @Test
    void countsAddressesApart() throws Exception {
        ConnectionGate gate = gate(100, 2, 100);
        EmbeddedChannel first = from(1);
        assertThat(enter(gate, first)).isNull();
        assertThat(enter(gate, from(1))).isNull();
        assertRefused(
                enter(gate, from(1)), "connections from one address: 3 (expected: <= 2; max-connections-per-address)");
        assertThat(enter(gate, from(2))).isNull();

        first.close(); // a closed channel does not know its peer any longer

        assertThat(enter(gate, from(1))).isNull();
        assertRefused(
                enter(gate, from(1)), "connections from one address: 3 (expected: <= 2; max-connections-per-address)");
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_ADDRESS)).isEqualTo(2);
    }

    @Test
    void refusesWhereMemoryIsFullOnlyWhoHasSeveral() throws Exception {
        ConnectionGate gate = gate(100, 100, 100);
        for (int i = 0; i < 10; i++) {
            assertThat(enter(gate, from(1))).isNull();
        }

        isMemoryFull = true;
        assertRefused(
                enter(gate, from(1)),
                "connections from one address: 11"
                        + " (expected: <= 10, where more than 95 % of the memory is in use; memory)");
        assertThat(enter(gate, from(2))).isNull();
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_MEMORY)).isOne();

        isMemoryFull = false;
        assertThat(enter(gate, from(1))).isNull();
    }

    @Test
    void hasNoLimitPerAddressWhereThereIsNone() {
        ConnectionGate gate = gate(100, 1, 100);

        assertThat(enter(gate, new EmbeddedChannel())).isNull();
        assertThat(enter(gate, new EmbeddedChannel())).isNull();
    }

    @Test
    void countsEachSecondAnew() throws Exception {
        ConnectionGate gate = gate(100, 100, 2);
        assertThat(enter(gate, from(1))).isNull();
        nowNanos += 999_999_999;
        assertThat(enter(gate, from(2))).isNull();
        assertRefused(enter(gate, from(3)), TOO_FAST);

        nowNanos++;

        assertThat(enter(gate, from(3))).isNull();
        assertThat(enter(gate, from(4))).isNull();
        assertRefused(enter(gate, from(5)), TOO_FAST);
        assertThat(counters.value(Counter.CONNECTIONS_REFUSED_RATE)).isEqualTo(2);
    }

    @Test
    void letsOthersInWhileOneAddressConnectsInLoop() throws Exception {
        ConnectionGate gate = gate(100_000, 100_000, 500);
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 2_000; i++) {
                enter(gate, from(1));
            }
            assertThat(enter(gate, from(2))).isNull();
            for (int i = 0; i < 2_000; i++) {
                enter(gate, from(1));
            }
            for (int i = 3; i < 30; i++) {
                assertThat(enter(gate, from(i))).isNull();
            }
            nowNanos += 1_000_000_000;
        }
        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isLessThanOrEqualTo(10 * 500);
    }

    @Test
    void letsOthersInWhileManyAddressesConnectInLoop() throws Exception {
        ConnectionGate gate = gate(100_000, 100_000, 500);
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 100; i++) {
                for (int address = 1; address <= 40; address++) {
                    enter(gate, from(address));
                }
            }
            assertThat(enter(gate, from(100))).isNull();
            assertThat(enter(gate, from(100))).isNull();
            nowNanos += 1_000_000_000;
        }
    }

    @Test
    void boundsWhatManyAddressesOpen() throws Exception {
        ConnectionGate gate = gate(100_000, 100_000, 100);
        for (int i = 0; i < 10_000; i++) {
            enter(gate, from(InetAddress.getByAddress(new byte[] {11, 0, (byte) (i >> 8), (byte) i})));
        }

        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isEqualTo(100);
    }

    @Test
    void takesTheAddressesOfOneIpv6NetworkForOne() throws Exception {
        ConnectionGate gate = gate(100, 2, 100);
        assertThat(enter(gate, from(InetAddress.getByName("2001:db8:1:2::1")))).isNull();
        assertThat(enter(gate, from(InetAddress.getByName("2001:db8:1:2:ffff::2"))))
                .isNull();

        assertThat(enter(gate, from(InetAddress.getByName("2001:db8:1:2:3:4:5:6"))))
                .isNotNull();
        assertThat(enter(gate, from(InetAddress.getByName("2001:db8:1:3::1")))).isNull();
    }

    @Test
    void forgetsAddressesAfterTwoSeconds() throws Exception {
        AcceptRate rate = new AcceptRate(100, 0);
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 1_000; i++) {
                byte[] address = {12, (byte) second, (byte) (i >> 8), (byte) i};
                rate.tryAccept(ConnectionSource.of(InetAddress.getByAddress(address)), second * 1_000_000_000L);
            }
            assertThat(rate.sources()).isLessThanOrEqualTo(200);
        }
        rate.tryAccept(ConnectionSource.NO_ADDRESS, 20_000_000_000L);

        assertThat(rate.sources()).isOne();
    }
}
