package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientListener;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.protocol.StartPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A server with a durable topic that is published to, replayed, and kept small by retention, all the time, and killed again and again:
 * in the end of each life it uses what it has used after its beginning. {@code -Dbowstring.soak.seconds=3600} is the long run.
 */
@ExtendWith(LeakDetection.class)
@Timeout(14_400)
class SoakIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("bowstring.soak.seconds", 30));

    /** So many lives are short; the last takes as long as all of them. */
    private static final int SHORT_LIVES = Math.max(2, (int) (TIME.toSeconds() / 120));

    private static final int WARM_UP_STEPS = 20;
    private static final int STEP_BATCHES = 40;
    private static final int MAX_BATCH_BYTES = 64 << 10;
    private static final long RETAINED_BYTES = 4 << 20;
    private static final long SEGMENT_BYTES = 256 << 10;

    /** Ends of streams do not count for what is retained. */
    private static final long MOST_BYTES = RETAINED_BYTES + SEGMENT_BYTES;

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration MAX_DELAY = Duration.ofMillis(200);

    private static final Map<String, String> SETTINGS = Map.of(
            "segment-bytes",
            Long.toString(SEGMENT_BYTES),
            "retain-bytes",
            Long.toString(RETAINED_BYTES),
            "topic-window",
            "256KiB",
            "min-free-disk",
            "0");

    private final long seed = Seeds.fresh("SoakIT");
    private final Random random = new Random(seed);
    private Path folder;
    private NumberedProducers producers;
    private Path data;
    private int port;
    private KilledTopic topic;
    private long published;
    private long replays;
    private int measurements;

    @Test
    void eachLifeEndsAsItBegan() throws Exception {
        History.of("SoakIT", seed, this::run);
    }

    private void run(Path history) throws Exception {
        folder = history;
        data = history.resolve("data");
        producers = new NumberedProducers(seed, MAX_BATCH_BYTES, folder);
        port = OwnPort.draw(random);
        ClientConfig config = KillableServer.clientConfig(port, MAX_DELAY, new ClientListener() {});
        KillableServer server = start();
        try (Client client = Client.connect(config)) {
            begin(client);
            try {
                for (int life = 0; life < SHORT_LIVES; life++) {
                    live(server, TIME.dividedBy(2L * SHORT_LIVES));
                    producers.permit(STEP_BATCHES);
                    producers.awaitAcknowledged(1 + random.nextInt(STEP_BATCHES));
                    server.close();
                    published += STEP_BATCHES;
                    server = start();
                    replay();
                    topic.awaitReader(published);
                    producers.forgetAcknowledged();
                }
                live(server, TIME.dividedBy(2));
            } finally {
                topic.close();
                producers.close();
            }
            server.stop();
        } finally {
            server.close();
        }
        System.out.printf("SoakIT: %,d lives, %,d batches, %,d replays%n", SHORT_LIVES + 1, published, replays);
    }

    private KillableServer start() throws IOException {
        KillableServer server = KillableServer.startDurable(
                MeasuredServer.class.getName(), port, data, SETTINGS, folder.resolve("server.log"));
        server.awaitReady();
        return server;
    }

    private void begin(Client client) throws IOException {
        topic = new KilledTopic(client, "soak", producers.start(client, "soak", 2));
    }

    /** Uses a server for some time; it must use what it has used after its warm-up. */
    private void live(KillableServer server, Duration time) throws Exception {
        for (int i = 0; i < WARM_UP_STEPS; i++) {
            step();
        }
        ProcessUse before = ProcessUse.of(server, ++measurements, data);
        long end = System.nanoTime() + time.toNanos();
        do {
            step();
        } while (System.nanoTime() < end);
        ProcessUse after = ProcessUse.of(server, ++measurements, data);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        // Connections that have been closed may be there yet, and segments that are to be dropped.
        while (!(after.isLike(before) && segmentBytes() <= MOST_BYTES) && System.nanoTime() < deadline) {
            after = ProcessUse.of(server, ++measurements, data);
        }
        System.out.printf("SoakIT: %s after the warm-up, %s at the end%n", before, after);
        assertThat(after.isLike(before))
                .as("%s, after the warm-up %s", after, before)
                .isTrue();
        assertThat(segmentBytes()).isLessThanOrEqualTo(MOST_BYTES);
    }

    /** Publishes some batches, which the subscription gets, and replays what is retained at times, meanwhile. */
    private void step() throws InterruptedException {
        producers.permit(STEP_BATCHES);
        published += STEP_BATCHES;
        if (random.nextInt(4) == 0) {
            replay();
        }
        producers.awaitAcknowledged(STEP_BATCHES);
        topic.awaitReader(published);
    }

    private void replay() {
        topic.verify(StartPosition.EARLIEST);
        replays++;
    }

    private long segmentBytes() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve(topic.record().topic()))) {
            return files.filter(file -> file.toString().endsWith(".arrows"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
