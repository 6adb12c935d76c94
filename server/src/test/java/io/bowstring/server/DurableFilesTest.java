package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.TopicConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The files of durable topics: what is served from them, and when they go. */
@ExtendWith(LeakDetection.class)
class DurableFilesTest {
    private static final int ROWS = 1_000;

    @TempDir
    private Path data;

    private DurableServer server;

    @BeforeEach
    void start() throws Exception {
        server = new DurableServer(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void servesFromDiskWhatIsNotInMemoryAndGoesOnLive() throws Exception {
        server.restart(TopicConfig.DEFAULTS.withWindowBatches(3));
        int count = 50;
        for (int i = 0; i < count; i++) {
            server.publish("t", Messages.counting(i, ROWS));
        }

        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest");
                WireClient some = server.subscribe("t", "bowstring.from", "10", "bowstring.columns", "n")) {
            client.expectStart("t", 0);
            some.expectStart("t", 10);
            server.publish("t", Messages.counting(count, ROWS), Messages.counting(count + 1, ROWS));
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
        assertThat(Topics.list(server.running())).singleElement().matches(row -> row.batches() == count + 2);
    }

    @Test
    void dropsWholeSegments() throws Exception {
        DurableConfig small = DurableConfig.DEFAULTS.withSegmentBytes(20_000).withRetainedBytes(60_000);
        server.restart(TopicConfig.DEFAULTS.withWindowBatches(2).withDurable(small));
        for (int i = 0; i < 40; i++) {
            server.publish("t", Messages.counting(i, ROWS)); // 8 kB each
        }

        TopicStatus status = Topics.await(server.running(), "t", row -> row.bytes() <= 60_000);
        assertThat(status.firstOffset()).isBetween(30L, 36L);
        assertThat(status.nextOffset()).isEqualTo(40);
        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
            client.expectStart("t", status.firstOffset());
            assertThat(client.next().numbers()).startsWith(status.firstOffset());
        }
        try (WireClient client = server.subscribe("t", "bowstring.from", "3")) {
            client.expectRefusal("OFFSET_EXPIRED");
        }
        assertThat(server.files("t", ".arrows")).hasSizeLessThan(6);
        assertThat(server.files("t", ".index")).hasSameSizeAs(server.files("t", ".arrows"));
    }

    @Test
    void startsTopicAnewThatWasDeleted() throws Exception {
        server.publish("t", Messages.batch(1), Messages.batch(2));
        String before;
        try (WireClient client = server.subscribe("t")) {
            before = client.next().metadata().get("bowstring.log");
        }

        try (WireClient client = server.connect()) {
            client.send(Messages.concat(Messages.request("bowstring.delete", "t"), Messages.END));
            assertThat(client.next().metadata()).isEmpty();
            client.expectEnd();
        }
        server.publish(
                Messages.publish(Messages.ENCODED, "t", "bowstring.ack", "true"),
                Messages.dictionary(false, "a"),
                Messages.batch(0));
        server.restart();

        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest")) {
            Received start = client.next();
            assertThat(start.fields()).isEqualTo(Messages.ENCODED);
            assertThat(start.metadata()).containsEntry("bowstring.offset", "0");
            assertThat(start.metadata().get("bowstring.log")).isNotEqualTo(before);
        }
    }

    @Test
    void removesFilesOfDeletedTopic() throws Exception {
        server.publish("t", Messages.batch(1));
        try (WireClient client = server.connect()) {
            client.send(Messages.concat(Messages.request("bowstring.delete", "t"), Messages.END));
            client.next();
            client.expectEnd();
        }

        server.restart();

        assertThat(Topics.list(server.running())).isEmpty();
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).extracting(path -> path.getFileName().toString()).containsExactly("~lock");
        }
    }
}
