package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Peers that do not go on with what they have begun. */
@ExtendWith(LeakDetection.class)
class ReceiveDeadlinesTest {
    private static final ConnectionLimits LIMITS = ConnectionLimits.DEFAULTS
            .withRequestTimeout(Duration.ofMillis(300))
            .withMinRate(new MinRate(100, Duration.ofMillis(800)))
            .withWriteTimeout(Duration.ZERO);
    private static final int ROWS = 3_000;

    private Metronome metronome;
    private Server server;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        metronome = new Metronome();
        start(LIMITS);
    }

    private void start(ConnectionLimits limits) throws Exception {
        BrokerConfig broker = SmallBrokers.config(64 << 10, 100, 64 << 10, 64 << 10, 100);
        server = Server.start(
                ServerConfig.DEFAULTS.withPort(0).withBroker(broker).withConnections(limits));
        client = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
        metronome.close();
    }

    private void restart(ConnectionLimits limits) throws Exception {
        client.close();
        server.close();
        start(limits);
    }

    private long count(Counter counter) {
        return server.counters().value(counter);
    }

    private static byte[] head(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }

    private static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    @Test
    void refusesConnectionThatSaysNothing() throws Exception {
        client.expectRefusal("TOO_SLOW").halfClose().expectFin();

        assertThat(count(Counter.REQUESTS_TIMED_OUT)).isOne();
        assertThat(server.counters().value(Counter.REQUESTS_REFUSED, ErrorCode.TOO_SLOW))
                .isOne();
    }

    @Test
    void refusesFirstRequestThatDoesNotGoOn() throws Exception {
        client.send(head(Messages.list(""), 40)).expectRefusal("TOO_SLOW");

        assertThat(count(Counter.REQUESTS_TIMED_OUT)).isOne();
    }

    @Test
    void refusesRequestThatDripsIn() throws Exception {
        CompletableFuture<Void> refused = CompletableFuture.runAsync(() -> {
            try {
                client.expectRefusal("TOO_SLOW");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        byte[] request = Messages.publish("t", "bowstring.ack", "true");
        for (int i = 0; i < 20 && !refused.isDone(); i++) {
            client.send(new byte[] {request[i]});
            metronome.await(1);
        }

        refused.join();
        assertThat(count(Counter.REQUESTS_TIMED_OUT)).isOne();
    }

    @Test
    void refusesLaterRequestThatDoesNotGoOn() throws Exception {
        Topics.list(client);
        Topics.list(client);

        client.send(head(Messages.list(""), 40)).expectRefusal("TOO_SLOW");

        assertThat(count(Counter.REQUESTS_TIMED_OUT)).isOne();
    }

    @Test
    void dropsWhatComesTooLate() throws Exception {
        byte[] request = Messages.publish("t");
        client.send(head(request, 40)).expectRefusal("TOO_SLOW");

        client.send(tail(request, 40), Messages.batch(1), Messages.END)
                .halfClose()
                .expectFin();

        assertThat(Topics.list(server)).isEmpty();
    }

    @Test
    void leavesConnectionsAloneBetweenRequestsAndMessages() throws Exception {
        Topics.list(client);
        try (WireClient publisher = WireClient.connect(server)) {
            publisher.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1));

            metronome.await(20); // longer than both limits

            assertThat(Topics.list(client)).hasSize(1);
            publisher.send(Messages.batch(2), Messages.END);
            Topics.await(server, "t", topic -> topic.publishers() == 0 && topic.nextOffset() == 2);
        }
    }

    @Test
    void refusesMessageThatDoesNotGoOn() throws Exception {
        client.send(Messages.publish("t"), Messages.batch(1), head(Messages.counting(0, 100), 500))
                .expectRefusal("TOO_SLOW");

        assertThat(count(Counter.MESSAGES_TOO_SLOW)).isOne();
        Topics.await(server, "t", topic -> topic.nextOffset() == 1 && topic.publishers() == 0);
    }

    @Test
    void tellsPublisherWithAcksInTheLastRow() throws Exception {
        client.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1), new byte[] {-1});
        client.next();
        assertThat(client.next().columns().get(0)).containsExactly(1L);

        Received last = client.next();

        assertThat(last.columns().get(0)).containsExactly(1L);
        assertThat(last.columns().get(2).get(0).toString()).startsWith("TOO_SLOW: message: 1 bytes in 800 ms");
        client.expectEnd();
    }

    @Test
    void cutsSubscriberThatEndsItsRequestByHalves() throws Exception {
        try (WireClient publisher = WireClient.connect(server)) {
            publisher.send(Messages.publish("t"));
            client.send(Messages.request("bowstring.subscribe", "t"), head(Messages.END, 3))
                    .expectStart("t", 0)
                    .expectReset();
        }
        assertThat(server.counters().value(Counter.REPLIES_CUT, ErrorCode.TOO_SLOW))
                .isOne();
    }

    @Test
    void takesMessageThatIsJustFastEnough() throws Exception {
        byte[] batch = Messages.counting(0, 300);
        client.send(Messages.publish("t"));
        for (int i = 0; i < batch.length; i += 100) { // a beat is a hundred milliseconds
            client.send(Arrays.copyOfRange(batch, i, Math.min(batch.length, i + 100)));
            metronome.await(1);
        }

        Topics.await(server, "t", topic -> topic.nextOffset() == 1);
        assertThat(count(Counter.MESSAGES_TOO_SLOW)).isZero();
    }

    @Test
    void doesNotCountTheTimeInWhichItDoesNotRead() throws Exception {
        try (WireClient subscriber = WireClient.connect(server, 4 << 10)) {
            subscriber.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
            client.send(Messages.publish("t", "bowstring.seal", "true"));
            subscriber.expectStart("t", 0);
            long count = 600; // 14 MB: more than fits between the three
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                try {
                    for (long i = 0; i < count; i++) {
                        client.send(Messages.counting(i, ROWS));
                    }
                    client.send(Messages.END).halfClose();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            Topics.await(server, "t", topic -> topic.batches() == 2 && topic.nextOffset() > 2);

            metronome.await(20);

            for (long i = 0; i < count; i++) {
                assertThat(subscriber.next().offset()).isEqualTo(i);
            }
            subscriber.expectEnd();
            publishing.join();
        }
        assertThat(count(Counter.MESSAGES_TOO_SLOW)).isZero();
    }

    @Test
    void waitsForEverWhereTheLimitsAreOff() throws Exception {
        restart(LIMITS.withRequestTimeout(Duration.ZERO).withMinRate(new MinRate(0, Duration.ofMillis(800))));
        byte[] request = Messages.publish("t");
        byte[] batch = Messages.batch(1);
        client.send(head(request, 40));
        metronome.await(10);

        client.send(tail(request, 40), head(batch, 40));
        metronome.await(20);

        client.send(tail(batch, 40));
        Topics.await(server, "t", topic -> topic.nextOffset() == 1);
    }
}
