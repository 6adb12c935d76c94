package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections that are too many, over real sockets. */
@ExtendWith(LeakDetection.class)
class ConnectionLimitTest {
    private final List<WireClient> clients = new ArrayList<>();
    private Server server;

    @AfterEach
    void stop() throws Exception {
        for (WireClient client : clients) {
            client.close();
        }
        server.close();
    }

    private void start(int max, int maxPerAddress, int maxPerSecond) throws Exception {
        ConnectionLimits limits =
                ConnectionLimits.DEFAULTS.withCounts(new ConnectionCounts(max, maxPerAddress, maxPerSecond));
        server = Server.start(ServerConfig.DEFAULTS.withPort(0).withConnections(limits));
    }

    private WireClient connect() throws IOException {
        WireClient client = WireClient.connect(server);
        clients.add(client);
        return client;
    }

    private void tryConnect() {
        try {
            connect();
        } catch (IOException e) {
            // reset before it was open
        }
    }

    private long count(Counter counter) {
        return server.counters().value(counter);
    }

    private void fill(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            assertThat(Topics.list(connect())).isEmpty();
        }
    }

    @Test
    void refusesWhatIsAboveTheTotal() throws Exception {
        start(3, 100, 100);
        fill(3);

        connect().expectRefusal("LIMIT_REACHED").halfClose().expectFin();

        assertThat(count(Counter.CONNECTIONS_REFUSED_TOTAL)).isOne();
        assertThat(count(Counter.CONNECTIONS_OPENED)).isEqualTo(3);
        assertThat(Topics.list(clients.get(0))).isEmpty();
    }

    @Test
    void refusesWhatIsAboveTheLimitOfAnAddress() throws Exception {
        start(100, 2, 100);
        fill(2);

        connect().send(Messages.list("")).expectRefusal("LIMIT_REACHED");

        assertThat(count(Counter.CONNECTIONS_REFUSED_ADDRESS)).isOne();
    }

    @Test
    void refusesWhatComesTooFast() throws Exception {
        start(1_000, 1_000, 5);

        long deadline = System.nanoTime() + 20_000_000_000L;
        while (count(Counter.CONNECTIONS_REFUSED_RATE) == 0) {
            assertThat(System.nanoTime()).as("nobody was refused").isLessThan(deadline);
            WireClient.connect(server).close();
        }
        assertThat(count(Counter.CONNECTIONS_OPENED)).isGreaterThanOrEqualTo(3); // one address has but half of them
    }

    @Test
    void forgetsConnectionsHoweverTheyEnd() throws Exception {
        start(4, 4, 10_000);
        for (int round = 0; round < 20; round++) {
            WireClient ended = WireClient.connect(server);
            WireClient reset = WireClient.connect(server);
            WireClient refused = WireClient.connect(server);
            WireClient torn = WireClient.connect(server);
            Topics.list(ended);
            refused.send(new byte[16]).expectRefusal("BAD_STREAM");
            torn.send(Messages.publish("t"), Messages.prefix(64)).halfClose().expectRefusal("BAD_STREAM");
            ended.close();
            reset.reset();
            refused.close();
            torn.close();
            long expected = 4L * (round + 1);
            awaitClosed(expected);
            assertThat(count(Counter.CONNECTIONS_OPENED)).isEqualTo(expected);
        }
        assertThat(count(Counter.CONNECTIONS_REFUSED_TOTAL)).isZero();
        assertThat(count(Counter.CONNECTIONS_LOST)).isPositive().isLessThanOrEqualTo(80);
    }

    private void awaitClosed(long expected) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (count(Counter.CONNECTIONS_CLOSED) < expected) {
            assertThat(System.nanoTime()).as("connections are still open").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void tellsOnlySoManyAndServesOthers() throws Exception {
        start(2, 2, 10_000);
        try (Neighbour neighbour = Neighbour.start(server)) {
            long tried = 0;
            for (; tried < 300; tried++) {
                tryConnect();
            }
            int told = 0;
            for (WireClient client : clients) {
                told += client.next().kind() == Received.Kind.SCHEMA ? 1 : 0;
            }

            assertThat(told).isBetween(100, 299);
            while (count(Counter.CONNECTIONS_REFUSED_TOTAL) < tried) {
                Thread.onSpinWait();
            }
            assertThat(neighbour).isNotNull(); // and was served all the while
        }
    }
}
