package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a publisher that wants acknowledgements is told. */
@ExtendWith(LeakDetection.class)
class AcknowledgementTest {
    private Server server;
    private WireClient publisher;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
        publisher = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        server.close();
    }

    @Test
    void countsBatchesAndEndsInOrder() throws Exception {
        publisher.send(Messages.publish("t"), Messages.batch(1), Messages.END);
        publisher.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(2));
        assertThat(publisher.next().fields())
                .extracting(Object::toString)
                .containsExactly("batches: int64 not null", "offset: int64 not null", "error: utf8");
        assertThat(row()).containsExactly(1L, 1L, null);

        publisher.send(Messages.batch(3));
        assertThat(row()).containsExactly(2L, 2L, null);
        publisher.send(Messages.END);

        assertThat(row()).containsExactly(2L, 2L, null);
        publisher.expectEnd();
    }

    @Test
    void acknowledgesStreamWithoutBatches() throws Exception {
        publisher
                .send(Messages.publish("t", "bowstring.ack", "true"), Messages.END)
                .next();

        assertThat(row()).containsExactly(0L, -1L, null);
        publisher.expectEnd();
    }

    @Test
    void namesFailureInTheLastRow() throws Exception {
        publisher
                .send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1))
                .next();
        assertThat(row()).containsExactly(1L, 0L, null);

        publisher.send(new byte[8]);

        List<Object> last = row();
        assertThat(last).startsWith(1L, 0L);
        assertThat((String) last.get(2)).startsWith("BAD_STREAM: ");
        publisher.expectEnd().halfClose().expectFin();
    }

    @Test
    void missesTheEndMarker() throws Exception {
        publisher
                .send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1))
                .next();
        assertThat(row()).containsExactly(1L, 0L, null);

        publisher.halfClose();

        assertThat((String) row().get(2)).startsWith("BAD_STREAM: ");
        publisher.expectEnd().expectFin();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void countsInTheLastRowAllThatCameBeforeTheStreamBroke(boolean isHalfClosed) throws Exception {
        byte[][] parts = new byte[302][];
        parts[0] = Messages.publish("t", "bowstring.ack", "true");
        for (int i = 1; i <= 300; i++) {
            parts[i] = Messages.batch(i);
        }
        parts[301] = isHalfClosed ? new byte[0] : new byte[8];
        publisher.send(parts);
        if (isHalfClosed) {
            publisher.halfClose();
        }
        publisher.next();

        List<Object> last = row();
        while (last.get(2) == null) {
            last = row();
        }

        assertThat(last).startsWith(300L, 299L);
        assertThat((String) last.get(2)).startsWith("BAD_STREAM: ");
        publisher.expectEnd();
    }

    @Test
    void namesLimitInTheLastRow() throws Exception {
        IpcLimits limits = new IpcLimits(512, 2_048, 1_024, 4, 2, 3, 256, 2, 64, 2, 1 << 20);
        try (Server narrow = Server.start(ServerConfig.DEFAULTS.withPort(0).withLimits(limits));
                WireClient client = WireClient.connect(narrow)) {
            client.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1));
            client.next();
            assertThat(client.next().columns().get(0)).containsExactly(1L);

            client.send(Messages.counting(0, 129));

            List<List<Object>> last = client.next().columns();
            assertThat(last.get(0)).containsExactly(1L);
            assertThat((String) last.get(2).get(0)).startsWith("TOO_LARGE: ");
            client.expectEnd();
        }
    }

    @Test
    void standsForManyBatchesByOneRow() throws Exception {
        int count = 4_000;
        byte[][] parts = new byte[count + 2][];
        Arrays.fill(parts, Messages.batch(1));
        parts[0] = Messages.publish("t", "bowstring.ack", "true");
        parts[count + 1] = Messages.END;
        publisher.send(parts).next();

        int rows = 0;
        List<Object> last = List.of();
        for (Received next = publisher.next(); next.kind() != Received.Kind.END; next = publisher.next()) {
            last = next.columns().stream().map(column -> column.get(0)).toList();
            rows++;
        }

        assertThat(last).containsExactly((long) count, count - 1L, null);
        assertThat(rows).isLessThan(count / 4);
    }

    @Test
    void refusesBeforeFirstRow() throws Exception {
        publisher
                .send(Messages.publish("t", "bowstring.ack", "true"), new byte[8])
                .expectRefusal("BAD_STREAM");
    }

    @Test
    void tellsOtherPublishersThatTheTopicIsSealed() throws Exception {
        publisher
                .send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1))
                .next();
        assertThat(row()).containsExactly(1L, 0L, null);

        try (WireClient sealing = WireClient.connect(server)) {
            sealing.send(Messages.publish("t", "bowstring.seal", "true"), Messages.END);

            assertThat((String) row().get(2)).startsWith("TOPIC_SEALED: ");
            publisher.expectEnd();
        }
    }

    private List<Object> row() throws IOException {
        return publisher.next().columns().stream().map(column -> column.get(0)).toList();
    }
}
