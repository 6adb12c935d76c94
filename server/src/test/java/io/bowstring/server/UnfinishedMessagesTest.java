package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Peers that send most of a large message and then hardly anything: others get on, and memory is bounded. */
@ExtendWith(LeakDetection.class)
class UnfinishedMessagesTest {
    private static final int MIB = 1 << 20;
    private static final int LIMIT = 8 * MIB;
    private static final int STRANGERS = 12;

    /** One of these messages passes alone, with a little more than three quarters of the limit. */
    private static final long BOUND = LIMIT + MIB;

    private static final byte[] BATCH = Messages.counting(0, 3 * MIB / Long.BYTES);

    private final List<WireClient> strangers = new ArrayList<>();
    private Server server;
    private Neighbour neighbour;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS
                .withPort(0)
                .withConnections(ConnectionLimits.DEFAULTS.withReceiveMemoryBytes(LIMIT)));
        neighbour = Neighbour.start(server);
    }

    @AfterEach
    void stop() throws Exception {
        for (WireClient stranger : strangers) {
            stranger.close();
        }
        neighbour.close();
        server.close();
    }

    /** Connects and sends something from a thread of its own, as the server may not read it. */
    private WireClient stranger(byte[]... parts) throws IOException {
        WireClient client = WireClient.connect(server);
        strangers.add(client);
        new Thread(
                        () -> {
                            try {
                                client.send(parts);
                            } catch (IOException e) {
                                // The server has had enough of it.
                            }
                        },
                        "stranger")
                .start();
        return client;
    }

    private void awaitCut(int messages) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (server.counters().value(Counter.MESSAGES_CUT_FOR_MEMORY) < messages) {
            assertThat(server.receivingBytes()).isLessThanOrEqualTo(BOUND);
            assertThat(System.nanoTime()).as("not cut").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void receivesLargeBatchesBesideUnfinishedBodies() throws Exception {
        for (int i = 0; i < STRANGERS; i++) {
            stranger(Messages.publish("stranger" + i), Arrays.copyOf(BATCH, BATCH.length - MIB / 2));
        }
        awaitCut(1);

        try (WireClient honest = WireClient.connect(server)) {
            honest.send(Messages.publish("honest", "bowstring.ack", "true"), BATCH, BATCH, BATCH, Messages.END);
            Topics.await(server, "honest", topic -> topic.publishers() == 0 && topic.batches() == 3);
        }
        assertThat(server.receivingBytes()).isLessThanOrEqualTo(BOUND);
    }

    @Test
    void acceptsRequestsBesideUnfinishedSchemas() throws Exception {
        for (int i = 0; i < STRANGERS; i++) {
            stranger(Messages.prefix(4 * MIB), new byte[3 * MIB]);
        }
        awaitCut(1);

        try (WireClient honest = WireClient.connect(server)) {
            honest.send(Messages.publish("honest", "bowstring.ack", "true"), BATCH, Messages.END);
            Topics.await(server, "honest", topic -> topic.publishers() == 0 && topic.batches() == 1);
        }
        assertThat(server.receivingBytes()).isLessThanOrEqualTo(BOUND);
    }

    @Test
    void receivesOneMessageThatIsLargerThanTheLimit() throws Exception {
        byte[] larger = Messages.counting(0, 2 * LIMIT / Long.BYTES);
        try (WireClient honest = WireClient.connect(server)) {
            honest.send(Messages.publish("honest", "bowstring.ack", "true"), larger, larger, Messages.END);
            Topics.await(server, "honest", topic -> topic.publishers() == 0);
        }

        assertThat(server.counters().value(Counter.MESSAGES_CUT_FOR_MEMORY)).isZero();
        assertThat(server.counters().value(Counter.BYTES_APPENDED)).isGreaterThan(4L * LIMIT);
    }

    @Test
    void refusesWithReason() throws Exception {
        WireClient stranger = stranger(Messages.publish("stranger"), Arrays.copyOf(BATCH, BATCH.length - MIB / 2));
        for (int i = 0; i < STRANGERS; i++) {
            stranger(Messages.publish("stranger" + i), Arrays.copyOf(BATCH, BATCH.length - MIB / 2));
        }

        stranger.expectRefusal("TOO_SLOW").halfClose().expectFin();
    }

    @Test
    void holdsNothingWhenStrangersHaveGone() throws Exception {
        for (int i = 0; i < STRANGERS; i++) {
            stranger(Messages.publish("stranger" + i), Arrays.copyOf(BATCH, BATCH.length - MIB / 2));
        }
        awaitCut(1);
        for (WireClient stranger : strangers) {
            stranger.reset();
        }

        long deadline = System.nanoTime() + 60_000_000_000L;
        while (server.receivingBytes() > 128 << 10) { // the neighbour's
            assertThat(System.nanoTime()).as("memory is held").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
