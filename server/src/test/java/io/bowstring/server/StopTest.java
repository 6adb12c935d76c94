package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a server stops. */
@ExtendWith(LeakDetection.class)
class StopTest {
    private static final int ROWS = 3_000;

    private Server server;
    private WireClient publisher;
    private WireClient subscriber;

    @BeforeEach
    void start() throws Exception {
        start(Duration.ofMinutes(1));
    }

    private void start(Duration drainTimeout) throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0).withDrainTimeout(drainTimeout));
        publisher = WireClient.connect(server);
        subscriber = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        subscriber.close();
        server.close();
    }

    @Test
    void givesSubscribersAllThatIsHeldAndTheEnd() throws Exception {
        long count = 200; // 5 MB: more than has been sent to a subscriber that does not read
        publisher.send(Messages.publish("t"));
        for (long i = 0; i < count; i++) {
            publisher.send(Messages.counting(i, ROWS));
        }
        Topics.await(server, "t", topic -> topic.nextOffset() == count);
        subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
        subscriber.expectStart("t", 0);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        for (long i = 0; i < count; i++) {
            assertThat(subscriber.next().numbers()).hasSize(ROWS).startsWith(i);
        }
        subscriber.expectEnd().expectFin();
        closing.join();
    }

    @Test
    void refusesPublishers() throws Exception {
        publisher.send(Messages.publish("t"), Messages.batch(1));
        Topics.await(server, "t", topic -> topic.nextOffset() == 1);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        publisher.expectRefusal("SHUTTING_DOWN");
        publisher.close();
        closing.join();
    }

    @Test
    void tellsAcknowledgedPublisherInTheLastRow() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1));
        publisher.next();
        assertThat(publisher.next().columns().get(0)).containsExactly(1L);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        assertThat(publisher.next().columns().get(2).get(0).toString()).startsWith("SHUTTING_DOWN: ");
        publisher.expectEnd().close();
        closing.join();
    }

    @Test
    void refusesSubscriptionsThatWait() throws Exception {
        subscriber.send(Messages.subscribe("t"));
        for (int i = 0; i < 20; i++) {
            Topics.list(server); // the request arrives meanwhile
        }

        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        subscriber.expectRefusal("SHUTTING_DOWN").close();
        closing.join();
    }

    @Test
    void closesIdleConnectionsInOrder() throws Exception {
        publisher.send(Messages.publish("t"), Messages.END, Messages.list(""));
        assertThat(Topics.readList(publisher)).hasSize(1);

        server.close();

        publisher.expectFin();
    }

    @Test
    void resetsSubscriberThatDoesNotTakeTheRest() throws Exception {
        stop();
        start(Duration.ofSeconds(1));
        subscriber.close();
        subscriber = WireClient.connect(server, 4 << 10);
        subscriber.send(Messages.subscribe("t"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);
        for (long i = 0; i < 400; i++) { // 10 MB: more than fits between server and subscriber
            publisher.send(Messages.counting(i, ROWS));
        }
        Topics.await(server, "t", topic -> topic.nextOffset() == 400);

        server.close();

        Received last = subscriber.next();
        while (last.kind() == Received.Kind.BATCH) {
            last = subscriber.next();
        }
        assertThat(last.kind()).isEqualTo(Received.Kind.RESET);
    }

    @Test
    void freesThePort() throws Exception {
        int port = server.address().getPort();
        subscriber.send(Messages.subscribe("t"));

        server.close();
        server.close();

        assertThatThrownBy(() -> new Socket(server.address().getAddress(), port).close())
                .isInstanceOf(ConnectException.class);
        Server.start(ServerConfig.DEFAULTS.withPort(port)).close();
    }

    @Test
    void saysWhichAddressIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, server.address().getAddress())) {
            ServerConfig config = ServerConfig.DEFAULTS.withPort(taken.getLocalPort());

            assertThatThrownBy(() -> Server.start(config))
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }
}
