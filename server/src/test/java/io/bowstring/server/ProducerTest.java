package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers that number their batches, over sockets: what they publish again is in the topic once. */
@ExtendWith(LeakDetection.class)
class ProducerTest {
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void tellsTheLastSequenceBeforeTheFirstBatch() throws Exception {
        try (WireClient publisher = WireClient.connect(server)) {
            assertThat(begin(publisher)).isEqualTo("-1");
            publisher.send(numbered(0), numbered(3), Messages.END);
            assertThat(lastRow(publisher)).containsExactly(2L, 1L, null);

            assertThat(begin(publisher)).isEqualTo("3");
            publisher.send(Messages.END);
            assertThat(lastRow(publisher)).containsExactly(0L, -1L, null);
        }
    }

    @Test
    void acknowledgesRepublishedBatchesAndAppendsThemOnce() throws Exception {
        try (WireClient cut = WireClient.connect(server)) {
            begin(cut);
            cut.send(numbered(0), numbered(1), numbered(2));
            awaitBatches(cut, 3);
            cut.reset();
        }
        try (WireClient publisher = WireClient.connect(server)) {
            assertThat(begin(publisher)).isEqualTo("2");
            publisher.send(numbered(0), numbered(1), numbered(2));
            awaitBatches(publisher, 3);
            publisher.send(numbered(3), Messages.END);

            assertThat(lastRow(publisher)).containsExactly(4L, 3L, null);
        }
        assertThat(held()).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void fencesConnectionThatIsStillOpen() throws Exception {
        try (WireClient older = WireClient.connect(server);
                WireClient newer = WireClient.connect(server)) {
            begin(older);
            older.send(numbered(0));
            awaitBatches(older, 1);

            assertThat(begin(newer)).isEqualTo("0");

            List<Object> last = lastRow(older);
            assertThat(last).startsWith(1L, 0L);
            assertThat(last.get(2))
                    .isEqualTo("FENCED: bowstring.producer: p"
                            + " (expected: one connection at a time; a newer one has taken over)");
            older.halfClose().expectFin();
            newer.send(numbered(1), Messages.END);
            assertThat(lastRow(newer)).containsExactly(1L, 1L, null);
        }
        assertThat(held()).containsExactly(0L, 1L);
    }

    /** Each connection is left open when the next one takes over, while its batches are still on their way. */
    @Test
    void losesAndRepeatsNothingOverManyTakeovers() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[][] batches =
                LongStream.range(0, 3_000).mapToObj(ProducerTest::numbered).toArray(byte[][]::new);
        List<WireClient> left = new ArrayList<>();
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        long next = 0;
        while (next < batches.length) {
            WireClient publisher = WireClient.connect(server);
            left.add(publisher);
            next = Long.parseLong(begin(publisher)) + 1;
            int from = (int) Math.max(0, next - 1 - random.nextInt(5)); // some of them again
            int until = (int) Math.min(batches.length, next + 200);
            byte[][] sent = Arrays.copyOfRange(batches, from, until);
            senders.add(CompletableFuture.runAsync(() -> sendUnlessFenced(publisher, sent)));
            awaitBatches(publisher, Math.min(sent.length, 1 + random.nextInt(100)));
        }
        senders.forEach(CompletableFuture::join);

        assertThat(held())
                .as("seed %d", seed)
                .isEqualTo(LongStream.range(0, batches.length).boxed().toList());
        for (WireClient client : left) {
            client.close();
        }
    }

    private static void sendUnlessFenced(WireClient publisher, byte[][] batches) {
        try {
            for (byte[] batch : batches) {
                publisher.send(batch);
            }
        } catch (SocketException e) {
            // fenced, and then closed: it did not stop when it was told
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void refusesProducerWithoutAcknowledgements() throws Exception {
        try (WireClient publisher = WireClient.connect(server)) {
            publisher
                    .send(Messages.publish("t", "bowstring.producer", "p"))
                    .expectRefusal("BAD_REQUEST")
                    .halfClose()
                    .expectFin();
        }
        assertThat(Topics.list(server)).isEmpty();
    }

    @Test
    void namesTheKeyThatIsMissingInTheLastRow() throws Exception {
        try (WireClient publisher = WireClient.connect(server)) {
            begin(publisher);
            publisher.send(Messages.batch(0));

            List<Object> last = lastRow(publisher);
            assertThat(last).startsWith(0L, -1L);
            assertThat((String) last.get(2)).startsWith("BAD_REQUEST: bowstring.sequence: absent (expected: ");
            publisher.halfClose().expectFin();
        }
        Topics.await(server, "t", topic -> topic.batches() == 0 && topic.publishers() == 0);
    }

    @Test
    void republishesToTopicThatItHasSealed() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (WireClient publisher = WireClient.connect(server)) {
                publisher.send(request("bowstring.seal", "true")).next();
                publisher.send(numbered(0), numbered(1), Messages.END);
                assertThat(lastRow(publisher)).containsExactly(2L, 1L, null);
            }
        }
        assertThat(held()).containsExactly(0L, 1L);
    }

    /** Begins to publish and returns the last sequence that the topic has. */
    private static String begin(WireClient publisher) throws IOException {
        Received start = publisher.send(request()).next();
        assertThat(start.kind()).isEqualTo(Received.Kind.SCHEMA);
        return start.metadata().get("bowstring.sequence");
    }

    private static byte[] request(String... keysAndValues) {
        List<String> entries = new ArrayList<>(List.of("bowstring.ack", "true", "bowstring.producer", "p"));
        entries.addAll(List.of(keysAndValues));
        return Messages.publish("t", entries.toArray(String[]::new));
    }

    /** Returns a batch whose value is its number. */
    private static byte[] numbered(long sequence) {
        return Messages.marked(Map.of("bowstring.sequence", Long.toString(sequence)), sequence);
    }

    private static void awaitBatches(WireClient publisher, long batches) throws IOException {
        List<Object> row = row(publisher.next());
        while ((long) row.get(0) < batches) {
            row = row(publisher.next());
        }
    }

    /** Reads acknowledgements to their end. */
    private static List<Object> lastRow(WireClient publisher) throws IOException {
        List<Object> last = List.of();
        for (Received next = publisher.next(); next.kind() != Received.Kind.END; next = publisher.next()) {
            last = row(next);
        }
        return last;
    }

    private static List<Object> row(Received received) {
        assertThat(received.kind()).isEqualTo(Received.Kind.BATCH);
        return received.columns().stream().map(column -> column.get(0)).toList();
    }

    /** Returns the values that the topic holds, in order. */
    private List<Long> held() throws IOException {
        List<Long> values = new ArrayList<>();
        try (WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end"));
            subscriber.expectStart("t", 0);
            for (Received next = subscriber.next(); next.kind() == Received.Kind.BATCH; next = subscriber.next()) {
                values.addAll(next.numbers());
            }
        }
        return values;
    }
}
