package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableOverride;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Topics that outlive their server, over sockets. */
@ExtendWith(LeakDetection.class)
class DurableTopicsTest {
    private static final int ROWS = 1_000;

    @TempDir
    private Path data;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(config(TopicConfig.DEFAULTS));
    }

    private ServerConfig config(TopicConfig topic, TopicOverride... overrides) {
        return ServerConfig.DEFAULTS
                .withPort(0)
                .withStorage(new StorageConfig(data, 0))
                .withBroker(BrokerConfig.DEFAULTS.withTopic(topic).withOverrides(List.of(overrides)));
    }

    private void restart(TopicConfig topic) throws Exception {
        server.close();
        server = Server.start(config(topic));
    }

    private void restart() throws Exception {
        restart(TopicConfig.DEFAULTS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Publishes batches and waits until they are acknowledged. */
    private void publish(String topic, byte[]... batches) throws IOException {
        publish(Messages.publish(topic, "bowstring.ack", "true"), batches);
    }

    private void publish(byte[] request, byte[]... batches) throws IOException {
        try (WireClient client = WireClient.connect(server)) {
            client.send(request).send(batches).send(Messages.END);
            for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
                assertThat(next.metadata()).doesNotContainKey("bowstring.error");
                if (next.kind() == Received.Kind.BATCH) {
                    assertThat(next.columns().get(1)).isNotNull();
                }
            }
        }
    }

    private WireClient subscribe(String topic, String... keysAndValues) throws IOException {
        return WireClient.connect(server).send(Messages.subscribe(topic, keysAndValues));
    }

    private List<Path> files(String topic, String end) throws IOException {
        try (Stream<Path> files = Files.list(data.resolve(topic))) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    @Test
    void hasTheSameBatchesAfterARestart() throws Exception {
        publish("t", Messages.batch(1, 2), Messages.batch(3), Messages.batch(4));
        Map<String, String> before;
        try (WireClient client = subscribe("t", "bowstring.from", "earliest")) {
            before = client.next().metadata();
            client.expectBatch(0, 1, 2).expectBatch(1, 3).expectBatch(2, 4);
        }

        restart();

        try (WireClient client = subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
            assertThat(client.next().metadata()).isEqualTo(before).containsKey("bowstring.log");
            client.expectBatch(0, 1, 2).expectBatch(1, 3).expectBatch(2, 4).expectEnd();
        }
        try (WireClient client = subscribe("t", "bowstring.from", "1")) {
            client.expectStart("t", 1).expectBatch(1, 3).expectBatch(2, 4);
            publish("t", Messages.batch(5));
            client.expectBatch(3, 5);
        }
        try (WireClient client = subscribe("t", "bowstring.from", "-2", "bowstring.until", "end")) {
            client.expectStart("t", 2).expectBatch(2, 4).expectBatch(3, 5).expectEnd();
        }
        try (WireClient client = subscribe("t", "bowstring.until", "end")) {
            client.expectStart("t", 4).expectEnd();
        }
    }

    @Test
    void findsATimeAfterARestart() throws Exception {
        publish("t", Messages.batch(1));
        publish("t", Messages.batch(2), Messages.batch(3));
        String time;
        try (WireClient client = subscribe("t", "bowstring.from", "1", "bowstring.until", "2")) {
            client.next();
            time = Instant.EPOCH
                    .plus(Long.parseLong(client.next().metadata().get("bowstring.time")), ChronoUnit.MICROS)
                    .toString();
        }

        restart();
        publish("t", Messages.batch(4));

        try (WireClient client = subscribe("t", "bowstring.from", time, "bowstring.until", "end")) {
            client.expectStart("t", 1)
                    .expectBatch(1, 2)
                    .expectBatch(2, 3)
                    .expectBatch(3, 4)
                    .expectEnd();
        }
        try (WireClient client = subscribe("t", "bowstring.from", "1999-12-31T00:00:00Z", "bowstring.until", "1")) {
            client.expectStart("t", 0).expectBatch(0, 1).expectEnd();
        }
        String future = Instant.now().plusSeconds(3_600).toString();
        try (WireClient client = subscribe("t", "bowstring.from", future)) {
            client.expectStart("t", 4);
            publish("t", Messages.batch(5));
            client.expectBatch(4, 5);
        }
    }

    @Test
    void listsWhatIsKept() throws Exception {
        publish("a", Messages.batch(1, 2), Messages.batch(3));
        publish("b", Messages.batch(4));
        List<TopicStatus> before = Topics.list(server);

        restart();

        List<TopicStatus> after = List.of(
                Topics.await(server, "a", row -> true), Topics.await(server, "b", row -> true)); // each when it is open
        for (int i = 0; i < after.size(); i++) {
            TopicStatus now = after.get(i);
            TopicStatus was = before.get(i);
            assertThat(now.topic()).isEqualTo(was.topic());
            assertThat(now.firstOffset()).isZero();
            assertThat(now.nextOffset()).isEqualTo(was.nextOffset());
            assertThat(now.batches()).isEqualTo(was.batches()).isEqualTo(2 - i);
            assertThat(now.bytes()).isEqualTo(was.bytes() + Messages.END.length);
        }
    }

    @Test
    void staysSealed() throws Exception {
        publish("t", Messages.batch(1));
        publish(Messages.publish("t", "bowstring.ack", "true", "bowstring.seal", "true"), Messages.batch(2));

        restart();

        Topics.await(server, "t", TopicStatus::isSealed);
        try (WireClient client = subscribe("t", "bowstring.from", "earliest")) {
            client.expectStart("t", 0).expectBatch(0, 1).expectBatch(1, 2).expectEnd();
        }
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("t")).expectRefusal("TOPIC_SEALED");
        }
    }

    @Test
    void staysSealedWithoutBatches() throws Exception {
        publish(Messages.publish("t", "bowstring.ack", "true", "bowstring.seal", "true"));

        for (int life = 0; life < 2; life++) {
            restart();

            Topics.await(server, "t", TopicStatus::isSealed);
            try (WireClient client = subscribe("t", "bowstring.from", "earliest")) {
                client.expectStart("t", 0).expectEnd();
            }
            try (WireClient client = WireClient.connect(server)) {
                client.send(Messages.publish("t")).expectRefusal("TOPIC_SEALED");
            }
        }
    }

    @Test
    void forgetsTopicsThatAreInMemory() throws Exception {
        DurableOverride inMemory = new DurableOverride(false, null, null, null);
        TopicOverride override = new TopicOverride(new TopicPattern("m.*"), null, null, null, inMemory);
        server.close();
        server = Server.start(config(TopicConfig.DEFAULTS, override));
        publish("m.t", Messages.batch(1));
        publish("t", Messages.batch(1));
        assertThat(data.resolve("m.t")).doesNotExist();

        server.close();
        server = Server.start(config(TopicConfig.DEFAULTS, override));
        Topics.await(server, "t", row -> true);

        assertThat(Topics.list(server)).extracting(row -> row.topic().value()).containsExactly("t");
    }

    @Test
    void startsTopicAnewThatWasDeleted() throws Exception {
        publish("t", Messages.batch(1), Messages.batch(2));
        String before;
        try (WireClient client = subscribe("t")) {
            before = client.next().metadata().get("bowstring.log");
        }

        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.concat(Messages.request("bowstring.delete", "t"), Messages.END));
            assertThat(client.next().metadata()).isEmpty();
            client.expectEnd();
        }
        publish(
                Messages.publish(Messages.ENCODED, "t", "bowstring.ack", "true"),
                Messages.dictionary(false, "a"),
                Messages.batch(0));
        restart();

        try (WireClient client = subscribe("t", "bowstring.from", "earliest")) {
            Received start = client.next();
            assertThat(start.fields()).isEqualTo(Messages.ENCODED);
            assertThat(start.metadata()).containsEntry("bowstring.offset", "0");
            assertThat(start.metadata().get("bowstring.log")).isNotEqualTo(before);
        }
    }

    @Test
    void removesFilesOfDeletedTopic() throws Exception {
        publish("t", Messages.batch(1));
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.concat(Messages.request("bowstring.delete", "t"), Messages.END));
            client.next();
            client.expectEnd();
        }

        restart();

        assertThat(Topics.list(server)).isEmpty();
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).extracting(path -> path.getFileName().toString()).containsExactly("~lock");
        }
    }

    @Test
    void servesFromDiskWhatIsNotInMemoryAndGoesOnLive() throws Exception {
        restart(TopicConfig.DEFAULTS.withWindowBatches(3));
        int count = 50;
        for (int i = 0; i < count; i++) {
            publish("t", Messages.counting(i, ROWS));
        }

        try (WireClient client = subscribe("t", "bowstring.from", "earliest");
                WireClient some = subscribe("t", "bowstring.from", "10", "bowstring.columns", "n")) {
            client.expectStart("t", 0);
            some.expectStart("t", 10);
            publish("t", Messages.counting(count, ROWS), Messages.counting(count + 1, ROWS));
            for (int i = 0; i < count + 2; i++) {
                Received batch = client.next();
                assertThat(batch.offset()).isEqualTo(i);
                assertThat(batch.numbers()).hasSize(ROWS).startsWith((long) i);
                assertThat(batch.metadata()).doesNotContainKey("bowstring.gap");
            }
            for (int i = 10; i < count + 2; i++) {
                assertThat(some.next().offset()).isEqualTo(i);
            }
        }
        assertThat(Topics.list(server)).singleElement().matches(row -> row.batches() == count + 2);
    }

    @Test
    void keepsDictionaries() throws Exception {
        restart(TopicConfig.DEFAULTS.withWindowBatches(1));
        byte[] request = Messages.publish(Messages.ENCODED, "t", "bowstring.ack", "true");
        publish(
                request,
                Messages.dictionary(false, "a+b"),
                Messages.batch(0, 1),
                Messages.dictionary(true, "c"),
                Messages.batch(2),
                Messages.dictionary(false, "x+y"),
                Messages.batch(1, 0));
        publish(request, Messages.dictionary(false, "p"), Messages.batch(0));
        List<Object> expected = texts();
        assertThat(expected).containsExactly("a", "b", "c", "y", "x", "p");

        restart();

        assertThat(texts()).isEqualTo(expected);
    }

    private List<Object> texts() throws IOException {
        List<Object> texts = new ArrayList<>();
        List<Object> dictionary = new ArrayList<>();
        try (WireClient client = subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
            for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
                if (next.kind() == Received.Kind.DICTIONARY) {
                    dictionary.clear();
                }
                if (next.kind() == Received.Kind.BATCH) {
                    next.numbers().forEach(number -> texts.add(dictionary.get(((Number) number).intValue())));
                } else if (next.kind() != Received.Kind.SCHEMA) {
                    dictionary.addAll(next.columns().get(0));
                }
            }
        }
        return texts;
    }

    @Test
    void dropsWholeSegments() throws Exception {
        DurableConfig small = DurableConfig.DEFAULTS.withSegmentBytes(20_000).withRetainedBytes(60_000);
        restart(TopicConfig.DEFAULTS.withWindowBatches(2).withDurable(small));
        for (int i = 0; i < 40; i++) {
            publish("t", Messages.counting(i, ROWS)); // 8 kB each
        }

        TopicStatus status = Topics.await(server, "t", row -> row.bytes() <= 60_000);
        assertThat(status.firstOffset()).isBetween(30L, 36L);
        assertThat(status.nextOffset()).isEqualTo(40);
        try (WireClient client = subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
            client.expectStart("t", status.firstOffset());
            assertThat(client.next().numbers()).startsWith(status.firstOffset());
        }
        try (WireClient client = subscribe("t", "bowstring.from", "3")) {
            client.expectRefusal("OFFSET_EXPIRED");
        }
        assertThat(files("t", ".arrows")).hasSizeLessThan(6);
        assertThat(files("t", ".index")).hasSameSizeAs(files("t", ".arrows"));
    }
}
