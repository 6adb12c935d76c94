package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.MessagePublisher;
import io.bowstring.client.PublisherConfig;
import io.bowstring.client.ReconnectConfig;
import io.bowstring.client.TcpAddress;
import io.bowstring.codec.LeakDetection;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(LeakDetection.class)
class DisturbanceTest {
    private static final BenchTopics TOPICS = BenchTopics.shared("disturbed", false, 0);
    private static final Parties PARTIES = new Parties(0, 0, 1);
    private static final int ROUNDS = 3;

    private static ClientConfig config(int port) {
        return ClientConfig.of(new TcpAddress("127.0.0.1", port)).withReconnect(ReconnectConfig.NEVER);
    }

    private static void await(Disturbance disturbance, BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            disturbance.requireRunning();
            Thread.onSpinWait();
        }
    }

    @Test
    void theServerEndsEachConnectionThatSendsNoArrow() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                Disturbance disturbance = Disturbance.start(
                        new Disturbers(0, 2),
                        PARTIES,
                        TOPICS,
                        config(server.address().getPort()))) {
            await(disturbance, () -> disturbance.garbageConnections() >= ROUNDS * GarbageKind.values().length);

            assertThat(disturbance.stalledSubscriptions()).isZero();
        }
    }

    @Test
    void aStalledSubscriberComesAfterTheFirstBatch() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                Client client = Client.connect(config(server.address().getPort()));
                Disturbance disturbance = Disturbance.start(
                        new Disturbers(1, 0),
                        PARTIES,
                        TOPICS,
                        config(server.address().getPort()));
                BatchMaker maker = new BatchMaker(new BatchShape(1, 4));
                MessagePublisher publisher =
                        client.messagePublisher(PublisherConfig.of(TOPICS.name(0)), new BatchShape(1, 4).newSchema())) {
            assertThat(disturbance.stalledSubscriptions()).isZero();

            publisher.publish(maker.make(new Stamp(1, 0, 0, false)));

            await(disturbance, () -> disturbance.stalledSubscriptions() == 1);
            while (TopicTotals.of(client, TOPICS).subscribers() == 0) {
                disturbance.requireRunning();
            }
            assertThat(TopicTotals.of(client, TOPICS)).isEqualTo(new TopicTotals(1, 1, 0));
        }
    }

    @Test
    void saysThatThereIsNoServer() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        try (Disturbance disturbance = Disturbance.start(new Disturbers(0, 1), PARTIES, TOPICS, config(port))) {
            assertThatThrownBy(() -> await(disturbance, () -> false))
                    .isInstanceOf(BenchException.class)
                    .hasMessageContaining("garbage: bowstring://127.0.0.1:" + port);
        }
    }
}
