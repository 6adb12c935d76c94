package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of every kind, one after another on one connection, sent in turn or all at once. */
@ExtendWith(LeakDetection.class)
class RequestSequenceTest {
    private static final byte[] EMPTY = Messages.batch();

    private Server server;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
        client = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servesEveryKindOfRequestInTurn(boolean isPipelined) throws Exception {
        List<byte[]> requests = List.of(
                publish(Messages.batch(1), EMPTY),
                replay("1"),
                Messages.list(""),
                publish(Messages.marked(Map.of("mine", "kept"), 2, 3)),
                replay("end"),
                Messages.concat(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(4), Messages.END),
                Messages.subscribe("t", "bowstring.from", "3"),
                Messages.list("t"));
        if (isPipelined) {
            client.send(requests.toArray(byte[][]::new));
        }

        send(isPipelined, requests.get(0));
        expectAcknowledged(2, 1);
        send(isPipelined, requests.get(1));
        client.expectStart("t", 0).expectBatch(0, 1).expectEnd();
        send(isPipelined, requests.get(2));
        assertThat(Topics.readList(client)).singleElement().returns(1L, topic -> topic.rows());
        send(isPipelined, requests.get(3));
        expectAcknowledged(1, 2);
        send(isPipelined, requests.get(4));
        client.expectStart("t", 0).expectBatch(0, 1).expectBatch(1);
        Received marked = client.next();
        assertThat(marked.numbers()).containsExactly(2L, 3L);
        assertThat(marked.metadata()).containsEntry("mine", "kept").containsEntry("bowstring.offset", "2");
        client.expectEnd();
        send(isPipelined, requests.get(5)); // has no reply
        send(isPipelined, requests.get(6));
        client.expectStart("t", 3).expectBatch(3, 4).expectEnd();
        send(isPipelined, requests.get(7));
        assertThat(Topics.readList(client)).singleElement().returns(true, topic -> topic.isSealed());
    }

    private void send(boolean isPipelined, byte[] request) throws IOException {
        if (!isPipelined) {
            client.send(request);
        }
    }

    @Test
    void acknowledgesEachPublishByItself() throws Exception {
        for (int i = 0; i < 50; i++) {
            client.send(publish(Messages.batch(i), Messages.batch(-i)));
            expectAcknowledged(2, 2 * i + 1);
        }
    }

    private static byte[] publish(byte[]... batches) {
        return Messages.concat(Messages.publish("t", "bowstring.ack", "true"), Messages.concat(batches), Messages.END);
    }

    private static byte[] replay(String until) {
        return Messages.subscribe("t", "bowstring.from", "earliest", "bowstring.until", until);
    }

    /** Expects acknowledgements that end, in order, behind a last row. */
    private void expectAcknowledged(long batches, long offset) throws IOException {
        assertThat(client.next().kind()).isEqualTo(Received.Kind.SCHEMA);
        Received row = client.next();
        for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
            row = next;
        }
        assertThat(row.columns()).extracting(column -> column.get(0)).containsExactly(batches, offset, null);
    }
}
