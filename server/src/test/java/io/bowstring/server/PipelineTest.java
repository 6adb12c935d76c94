package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several requests on one connection, also such as are sent before the reply to the one before is complete. */
@ExtendWith(LeakDetection.class)
class PipelineTest {
    private Server server;
    private WireClient client;
    private WireClient publisher;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
        client = WireClient.connect(server);
        publisher = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        publisher.close();
        server.close();
    }

    @Test
    void takesOneRequestAfterAnother() throws Exception {
        client.send(Messages.publish("t"), Messages.batch(1), Messages.END);
        Topics.await(server, "t", topic -> topic.publishers() == 0);
        client.send(Messages.publish("t"), Messages.batch(2), Messages.END);
        assertThat(Topics.list(client)).hasSize(1);
        client.send(Messages.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end"));

        client.expectStart("t", 0).expectBatch(0, 1).expectBatch(1, 2).expectEnd();
    }

    @Test
    void putsLargeBodiesIntoThePool() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.ack", "true"), Messages.counting(0, 200_000), Messages.END);
        expectAck(publisher, 1);
        assertThat(server.pool().maxIdleBytes()).isEqualTo(64 << 20);
        assertThat(server.pool().usedBytes()).isGreaterThan(200_000 * Long.BYTES);
        assertThat(server.usedDirectBytes()).isGreaterThan(200_000 * Long.BYTES);

        server.close();
        assertThat(server.pool().usedBytes()).isZero();
        assertThat(server.pool().idleBytes()).isZero();
    }

    @Test
    void answersInTheOrderOfRequests() throws Exception {
        byte[] replay = Messages.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "1");

        client.send(Messages.concat(
                Messages.publish("t", "bowstring.ack", "true"),
                Messages.batch(7),
                Messages.END,
                replay,
                Messages.list(""),
                replay));

        expectAck(client, 1);
        client.expectStart("t", 0).expectBatch(0, 7).expectEnd();
        assertThat(Topics.readList(client)).hasSize(1);
        client.expectStart("t", 0).expectBatch(0, 7).expectEnd();
    }

    @Test
    void readsNoFurtherWhileRepliesAreNotTaken() throws Exception {
        int requests = 4_000;
        for (int i = 0; i < 40; i++) {
            publisher.send(Messages.published(Messages.schema(manyFields(), Map.of()), "t" + i), Messages.END);
        }
        Topics.await(server, "t39", topic -> topic.publishers() == 0);
        byte[] request = Messages.list("");
        CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < requests; i++) {
                    client.send(request);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        long peakBytes = 0;
        for (int i = 0; i < 100; i++) {
            assertThat(Topics.list(server)).hasSize(40); // a neighbour is served all the while
            peakBytes = Math.max(peakBytes, server.usedDirectBytes());
        }

        assertThat(peakBytes).isLessThan(16 << 20);
        for (int i = 0; i < requests; i++) {
            assertThat(Topics.readList(client)).hasSize(40);
        }
        flood.join();
    }

    private static List<IpcField> manyFields() {
        return IntStream.range(0, 100)
                .mapToObj(i -> IpcField.of("field" + i, true, IpcType.INT64))
                .toList();
    }

    @Test
    void keepsNextRequestUntilLiveSubscriptionEnds() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.seal", "true"));
        Topics.await(server, "t", topic -> true);
        client.send(Messages.subscribe("t", "bowstring.from", "earliest"), Messages.list(""))
                .expectStart("t", 0);

        publisher.send(Messages.batch(1), Messages.END);

        client.expectBatch(0, 1).expectEnd();
        assertThat(Topics.readList(client)).hasSize(1);
    }

    @Test
    void answersWhatCameInFrontOfHalfClose() throws Exception {
        client.send(Messages.concat(Messages.list(""), Messages.list(""))).halfClose();

        assertThat(Topics.readList(client)).isEmpty();
        assertThat(Topics.readList(client)).isEmpty();
        client.expectFin();
    }

    @Test
    void endsWaitingPublishThatHalfClosedWithoutItsMarker() throws Exception {
        client.send(Messages.concat(Messages.list(""), Messages.publish("t"), Messages.batch(1)))
                .halfClose();

        assertThat(Topics.readList(client)).isEmpty();
        client.expectFin();
        Topics.await(server, "t", topic -> topic.publishers() == 0 && topic.batches() == 1);
    }

    @Test
    void servesWaitingSubscriptionThatHalfClosedWithoutItsMarker() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1), Messages.END);
        Topics.await(server, "t", topic -> topic.isSealed());
        byte[] replay = Messages.request("bowstring.subscribe", "t", "bowstring.from", "0");

        client.send(Messages.concat(Messages.list(""), replay)).halfClose();

        assertThat(Topics.readList(client)).hasSize(1);
        client.expectStart("t", 0).expectBatch(0, 1).expectEnd().expectFin();
    }

    @Test
    void blamesWrongBytesOnTheRequestThatTheyStandFor() throws Exception {
        client.send(Messages.concat(
                Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1), Messages.END, new byte[8]));

        expectAck(client, 1);
        client.expectRefusal("BAD_STREAM");
    }

    @Test
    void blamesWrongBytesOnWaitingRequest() throws Exception {
        client.send(
                Messages.concat(Messages.list(""), Messages.publish("t"), Messages.batch(1), Messages.publish("u")));

        assertThat(Topics.readList(client)).isEmpty();
        client.expectRefusal("BAD_STREAM");
        Topics.await(server, "t", topic -> topic.publishers() == 0 && topic.batches() == 1);
    }

    @Test
    void blamesTornRequestBehindWholeOnes() throws Exception {
        client.send(Messages.concat(Messages.list(""), Messages.list(""), Messages.prefix(64)))
                .halfClose();

        Topics.readList(client);
        Topics.readList(client);
        client.expectRefusal("BAD_STREAM").expectFin();
    }

    @Test
    void answersWaitingRequestsWhenItStops() throws Exception {
        publisher.send(Messages.publish("t"), Messages.batch(1));
        Topics.await(server, "t", topic -> topic.nextOffset() == 1);
        client.send(Messages.concat(Messages.subscribe("t", "bowstring.from", "0"), Messages.publish("u")));
        client.expectStart("t", 0).expectBatch(0, 1);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        client.expectEnd().expectRefusal("SHUTTING_DOWN").close();
        publisher.close();
        closing.join();
    }

    private static void expectAck(WireClient client, long batches) throws Exception {
        assertThat(client.next().kind()).isEqualTo(Received.Kind.SCHEMA);
        Received row = client.next();
        for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
            row = next;
        }
        assertThat(row.columns().get(0)).containsExactly(batches);
        assertThat(row.columns().get(2)).containsOnlyNulls();
    }
}
