package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One subscriber who does not read beside fifty who do, at full rate: what that costs in memory and what it costs the
 * others, rounds with and without him in turns. {@code -Dbowstring.slow.seconds=60} is long enough to hold the ratio.
 */
@ExtendWith(LeakDetection.class)
class SlowConsumerTest {
    private static final int SECONDS = Integer.getInteger("bowstring.slow.seconds", 1);
    private static final int ROUNDS = Math.max(3, SECONDS / 4);
    private static final long ROUND_NANOS = SECONDS * 1_000_000_000L / (2 * ROUNDS);
    private static final int HEALTHY = 50;

    /** Of the others' rate. In a short run on a machine that does other work no more can be said than that they go on. */
    private static final double MIN_RATIO = SECONDS >= 60 ? 0.95 : 0.1;

    private static final long WINDOW_BYTES = 2 << 20;
    private static final long IN_FLIGHT_BYTES = 1 << 20;

    /** What the queue and the kernel may take for a subscriber who does not read. */
    private static final long SOCKET_BYTES = 6 << 20;

    /** What a window, whose batches stand in runs, holds beside them. */
    private static final long RUN_BYTES = 1 << 20;

    /** What the queue of a subscriber holds who does not read. */
    private static final long QUEUE_BYTES = 1 << 20;

    /** What the others need, with runs that their own batches hold. */
    private static final long HEALTHY_BYTES = HEALTHY * (512 << 10);

    @ParameterizedTest
    @ValueSource(strings = {"disconnect", "drop"})
    void costsTheOthersNothing(String onLag) throws Exception {
        List<Double> without = new ArrayList<>();
        List<Double> with = new ArrayList<>();
        try (Server server = start();
                Flow flow = Flow.start(server, HEALTHY)) {
            flow.bytesPerSecond(ROUND_NANOS); // warms up
            for (int round = 0; round < ROUNDS; round++) {
                without.add(flow.bytesPerSecond(ROUND_NANOS));
                try (WireClient stalled = stalled(server, onLag)) {
                    with.add(flow.bytesPerSecond(ROUND_NANOS));
                    awaitLag(server, flow);
                    expectEnd(stalled, onLag);
                }
            }
            double ratio = median(with) / median(without);
            System.out.printf(
                    "SlowConsumerTest: %s, %d s: %.0f MB/s without, %.0f MB/s with a stalled one, ratio %.3f%n",
                    onLag, SECONDS, median(without) / 1e6, median(with) / 1e6, ratio);
            assertThat(flow.healthy()).isEqualTo(HEALTHY);
            assertThat(ratio).isGreaterThan(MIN_RATIO);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disconnect", "drop"})
    void holdsNoMoreThanTheWindowAndWhatHisSocketTakes(String onLag) throws Exception {
        long without = 0;
        long with = 0;
        long peakBytes;
        try (Server server = startMetered();
                Flow flow = Flow.start(server, HEALTHY)) {
            for (int round = 0; round < ROUNDS; round++) {
                awaitLag(server, flow);
                without = Math.max(without, flow.settledBytes(WINDOW_BYTES + RUN_BYTES));
                try (WireClient stalled = stalled(server, onLag)) {
                    awaitLag(server, flow);
                    with = Math.max(with, flow.settledBytes(WINDOW_BYTES + RUN_BYTES + QUEUE_BYTES));
                    expectEnd(stalled, onLag);
                }
            }
            peakBytes = flow.takePeakBytes();
        }
        System.out.printf(
                "SlowConsumerTest: %s: %,d KiB of direct memory without, %,d KiB with a stalled one, at most %,d KiB"
                        + " at full rate%n",
                onLag, without >> 10, with >> 10, peakBytes >> 10);
        assertThat(without).isLessThan(WINDOW_BYTES + RUN_BYTES);
        assertThat(with).isLessThan(WINDOW_BYTES + RUN_BYTES + QUEUE_BYTES);
        assertThat(peakBytes).isLessThan(WINDOW_BYTES + SOCKET_BYTES + HEALTHY_BYTES);
    }

    @Test
    void holdsTheOthersToItsPaceWhereItBlocks() throws Exception {
        try (Server server = startMetered();
                Flow flow = Flow.start(server, HEALTHY);
                WireClient stalled = stalled(server, "block")) {
            TopicStatus held = awaitHeld(server, flow);
            long peakBytes = flow.takePeakBytes();
            System.out.printf(
                    "SlowConsumerTest: block: held at %,d batches; at most %,d KiB of direct memory%n",
                    held.batches(), peakBytes >> 10);
            assertThat(held.bytes()).isLessThanOrEqualTo(WINDOW_BYTES);
            assertThat(peakBytes).isLessThan(WINDOW_BYTES + SOCKET_BYTES + HEALTHY_BYTES);

            long next = -1;
            while (next < held.nextOffset() + 100) { // it reads, and publishing goes on
                Received batch = expectBatch(stalled);
                assertThat(next == -1 || batch.offset() == next).isTrue();
                assertThat(batch.metadata()).doesNotContainKey("bowstring.gap");
                next = batch.offset() + 1;
            }
            assertThat(flow.healthy()).isEqualTo(HEALTHY);
        }
    }

    private static Server start() throws Exception {
        return Server.start(config());
    }

    /** Starts a server whose memory is that of its buffers: a pool takes and keeps whole chunks, at times megabytes. */
    private static Server startMetered() throws Exception {
        return Server.start(config(), new UnpooledByteBufAllocator(true), Transport.best());
    }

    private static ServerConfig config() {
        BrokerConfig broker = SmallBrokers.config(WINDOW_BYTES, 10, 1 << 20, IN_FLIGHT_BYTES, 10);
        return ServerConfig.DEFAULTS.withPort(0).withBroker(broker);
    }

    /** Returns a subscriber who has read that his subscription begins, and no more. */
    private static WireClient stalled(Server server, String onLag) throws IOException {
        WireClient client = WireClient.connect(server, 4 << 10);
        client.send(Messages.subscribe(Flow.TOPIC, "bowstring.on-lag", onLag));
        assertThat(client.next().kind()).isEqualTo(Received.Kind.SCHEMA);
        return client;
    }

    /** Lets the flow go on until the window has passed by one who stalls, whatever his socket takes. */
    private static void awaitLag(Server server, Flow flow) throws Exception {
        long batches = (WINDOW_BYTES + SOCKET_BYTES) / (8 * Flow.ROWS);
        long until = Topics.await(server, Flow.TOPIC, topic -> true).nextOffset() + batches;
        while (Topics.await(server, Flow.TOPIC, topic -> true).nextOffset() < until) {
            flow.bytesPerSecond(1);
        }
    }

    /** Waits until nothing is appended any more. */
    private static TopicStatus awaitHeld(Server server, Flow flow) throws Exception {
        TopicStatus before = Topics.await(server, Flow.TOPIC, topic -> true);
        for (; ; ) {
            flow.bytesPerSecond(200_000_000);
            long offset = before.nextOffset();
            TopicStatus now = Topics.await(server, Flow.TOPIC, topic -> true);
            if (now.nextOffset() == offset) {
                return now;
            }
            before = now;
        }
    }

    private static void expectEnd(WireClient stalled, String onLag) throws IOException {
        if (onLag.equals("drop")) {
            expectGapThenMore(stalled);
        } else {
            expectReset(stalled);
        }
    }

    private static Received expectBatch(WireClient client) throws IOException {
        Received received = client.next();
        assertThat(received.kind()).isEqualTo(Received.Kind.BATCH);
        return received;
    }

    /** Reads on: the first gap says exactly what is missing, and so does each later one. */
    private static void expectGapThenMore(WireClient client) throws IOException {
        long next = expectBatch(client).offset() + 1;
        long gaps = 0;
        for (int more = 100; gaps == 0 || more > 0; more -= gaps == 0 ? 0 : 1) {
            Received batch = expectBatch(client);
            long gap = Long.parseLong(batch.metadata().getOrDefault("bowstring.gap", "0"));
            assertThat(batch.offset()).isEqualTo(next + gap);
            next = batch.offset() + 1;
            gaps += gap;
        }
    }

    /** Reads on: what was on its way comes without a gap, and then the reset. */
    private static void expectReset(WireClient client) throws IOException {
        long next = -1;
        Received received = client.next();
        for (; received.kind() == Received.Kind.BATCH; received = client.next()) {
            assertThat(next == -1 || received.offset() == next).isTrue();
            next = received.offset() + 1;
        }
        assertThat(received.kind()).isEqualTo(Received.Kind.RESET);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
