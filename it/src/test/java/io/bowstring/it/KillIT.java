package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientListener;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.protocol.StartPosition;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server with durable topics that is killed at random points, where a segment begins, and while it recovers, under producers that
 * number their batches and subscribers that go on where they were. Nothing that was acknowledged is lost, repeated or out of order;
 * nothing that anybody has got ever changes; pyarrow reads the same from the files. {@code -Dbowstring.kills=200} is the long run.
 */
@ExtendWith(LeakDetection.class)
@Timeout(7_200)
class KillIT {
    private static final int KILLS = Integer.getInteger("bowstring.kills", 10);
    private static final List<String> TOPICS = List.of("one", "two");
    private static final int PRODUCERS_PER_TOPIC = 2;
    private static final int MAX_BATCH_BYTES = 200 << 10;
    private static final int LEAST_BATCHES = 40;
    private static final int MORE_BATCHES = 160;
    private static final long MAX_PAUSE_NANOS = 5_000_000;
    private static final long MAX_RECOVERY_NANOS = 40_000_000;

    /** Segments that are begun all the time, and so little memory that most of what is asked for is read from them. */
    private static final Map<String, String> SETTINGS = Map.of(
            "segment-bytes", "512KiB",
            "topic-window", "256KiB",
            "retain-bytes", "0",
            "min-free-disk", "0");

    private static final Duration MAX_DELAY = Duration.ofMillis(200);

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    private final long seed = Seeds.fresh("KillIT");
    private final Random random = new Random(seed);
    private final List<KilledTopic> topics = new ArrayList<>();
    private final Queue<String> newLogs = new ConcurrentLinkedQueue<>();
    private Path folder;
    private NumberedProducers producers;
    private Path data;
    private int port;

    @Test
    void nothingAcknowledgedIsLostRepeatedOrOutOfOrder() throws Exception {
        History.of("KillIT", seed, this::run);
    }

    private void run(Path history) throws Exception {
        folder = history;
        data = history.resolve("data");
        producers = new NumberedProducers(seed, MAX_BATCH_BYTES, folder);
        port = OwnPort.draw(random);
        KillableServer first = start();
        first.awaitReady();
        try (Client client = Client.connect(config())) {
            try {
                begin(client);
                live(first);
                for (int kill = 1; kill < KILLS; kill++) {
                    liveAgain();
                }
                end();
                assertThat(newLogs).isEmpty();
            } finally {
                for (AutoCloseable each : topics) {
                    each.close();
                }
                producers.close();
            }
        } finally {
            first.close();
        }
    }

    private ClientConfig config() {
        return KillableServer.clientConfig(port, MAX_DELAY, new ClientListener() {
            @Override
            public void onNewLog(String connection, String log) {
                newLogs.add(connection + ": " + log);
            }
        });
    }

    private KillableServer start() throws IOException {
        return KillableServer.startDurable(
                KillableServer.BOWSTRING, port, data, SETTINGS, folder.resolve("server.log"));
    }

    private void begin(Client client) throws IOException {
        for (String topic : TOPICS) {
            topics.add(new KilledTopic(client, topic, producers.start(client, topic, PRODUCERS_PER_TOPIC)));
        }
    }

    /** Has some batches published, and kills the server. */
    private void live(KillableServer server) throws Exception {
        int batches = LEAST_BATCHES + random.nextInt(MORE_BATCHES);
        boolean isAtFile = random.nextBoolean();
        producers.forgetAcknowledged();
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            for (String topic : TOPICS) {
                if (Files.exists(data.resolve(topic))) {
                    data.resolve(topic).register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                }
            }
            producers.permit(batches);
            if (isAtFile) {
                awaitFile(watch, batches);
            } else {
                producers.awaitAcknowledged(1 + random.nextInt(batches));
            }
        }
        pauseAtMost(MAX_PAUSE_NANOS);
        server.close();
    }

    /** Waits until a file has been made, or all batches are acknowledged. */
    private void awaitFile(WatchService watch, int batches) throws InterruptedException {
        for (int i = 0; i < batches && watch.poll() == null; i++) {
            producers.awaitAcknowledged(1);
        }
    }

    private void pauseAtMost(long nanos) {
        LockSupport.parkNanos((long) (random.nextDouble() * nanos));
    }

    /** Starts a server again and kills it: while it recovers, one time in three. */
    private void liveAgain() throws Exception {
        try (KillableServer server = start()) {
            if (random.nextInt(3) == 0) {
                server.awaitLog(" topics");
                pauseAtMost(MAX_RECOVERY_NANOS);
            } else {
                server.awaitReady();
                for (KilledTopic topic : topics) {
                    topic.verify();
                }
                live(server);
            }
        }
    }

    private void end() throws Exception {
        try (KillableServer server = start()) {
            server.awaitReady();
            producers.end();
            for (KilledTopic topic : topics) {
                topic.verify(StartPosition.offset(0));
                topic.awaitReader();
            }
            PythonSegments.compare(PYTHON, data, records());
            server.stop();
        }
        long batches = 0;
        try (KillableServer server = start()) {
            server.awaitReady();
            for (KilledTopic topic : topics) {
                topic.verify(StartPosition.offset(0));
                batches += topic.record().nextOffset();
            }
            server.stop();
        }
        Map<String, Long> nextOffsets = PythonSegments.compare(PYTHON, data, records());
        for (TopicRecord record : records()) {
            assertThat(nextOffsets).containsEntry(record.topic(), record.nextOffset());
        }
        System.out.printf("KillIT: %,d kills, %,d batches in %,d segments%n", KILLS, batches, segments());
    }

    private List<TopicRecord> records() {
        return topics.stream().map(KilledTopic::record).toList();
    }

    private long segments() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file -> file.toString().endsWith(".arrows")).count();
        }
    }
}
