package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.DurableOverride;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Topics that outlive their server, over sockets. */
@ExtendWith(LeakDetection.class)
class DurableTopicsTest {
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
    void hasTheSameBatchesAfterARestart() throws Exception {
        server.publish("t", Messages.batch(1, 2), Messages.batch(3), Messages.batch(4));
        Map<String, String> before;
        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest")) {
            before = client.next().metadata();
            client.expectBatch(0, 1, 2).expectBatch(1, 3).expectBatch(2, 4);
        }

        server.restart();

        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
            assertThat(client.next().metadata()).isEqualTo(before).containsKey("bowstring.log");
            client.expectBatch(0, 1, 2).expectBatch(1, 3).expectBatch(2, 4).expectEnd();
        }
        try (WireClient client = server.subscribe("t", "bowstring.from", "1")) {
            client.expectStart("t", 1).expectBatch(1, 3).expectBatch(2, 4);
            server.publish("t", Messages.batch(5));
            client.expectBatch(3, 5);
        }
        try (WireClient client = server.subscribe("t", "bowstring.from", "-2", "bowstring.until", "end")) {
            client.expectStart("t", 2).expectBatch(2, 4).expectBatch(3, 5).expectEnd();
        }
        try (WireClient client = server.subscribe("t", "bowstring.until", "end")) {
            client.expectStart("t", 4).expectEnd();
        }
    }

    @Test
    void findsATimeAfterARestart() throws Exception {
        server.publish("t", Messages.batch(1));
        server.publish("t", Messages.batch(2), Messages.batch(3));
        String time;
        try (WireClient client = server.subscribe("t", "bowstring.from", "1", "bowstring.until", "2")) {
            client.next();
            time = Instant.EPOCH
                    .plus(Long.parseLong(client.next().metadata().get("bowstring.time")), ChronoUnit.MICROS)
                    .toString();
        }

        server.restart();
        server.publish("t", Messages.batch(4));

        try (WireClient client = server.subscribe("t", "bowstring.from", time, "bowstring.until", "end")) {
            client.expectStart("t", 1)
                    .expectBatch(1, 2)
                    .expectBatch(2, 3)
                    .expectBatch(3, 4)
                    .expectEnd();
        }
        try (WireClient client =
                server.subscribe("t", "bowstring.from", "1999-12-31T00:00:00Z", "bowstring.until", "1")) {
            client.expectStart("t", 0).expectBatch(0, 1).expectEnd();
        }
        String future = Instant.now().plusSeconds(3_600).toString();
        try (WireClient client = server.subscribe("t", "bowstring.from", future)) {
            client.expectStart("t", 4);
            server.publish("t", Messages.batch(5));
            client.expectBatch(4, 5);
        }
    }

    @Test
    void listsWhatIsKept() throws Exception {
        server.publish("a", Messages.batch(1, 2), Messages.batch(3));
        server.publish("b", Messages.batch(4));
        List<TopicStatus> before = Topics.list(server.running());

        server.restart();

        List<TopicStatus> after = List.of(
                Topics.await(server.running(), "a", row -> true),
                Topics.await(server.running(), "b", row -> true)); // each when it is open
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
        server.publish("t", Messages.batch(1));
        server.publish(Messages.publish("t", "bowstring.ack", "true", "bowstring.seal", "true"), Messages.batch(2));

        server.restart();

        Topics.await(server.running(), "t", TopicStatus::isSealed);
        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest")) {
            client.expectStart("t", 0).expectBatch(0, 1).expectBatch(1, 2).expectEnd();
        }
        try (WireClient client = server.connect()) {
            client.send(Messages.publish("t")).expectRefusal("TOPIC_SEALED");
        }
    }

    @Test
    void staysSealedWithoutBatches() throws Exception {
        server.publish(Messages.publish("t", "bowstring.ack", "true", "bowstring.seal", "true"));

        for (int life = 0; life < 2; life++) {
            server.restart();

            Topics.await(server.running(), "t", TopicStatus::isSealed);
            try (WireClient client = server.subscribe("t", "bowstring.from", "earliest")) {
                client.expectStart("t", 0).expectEnd();
            }
            try (WireClient client = server.connect()) {
                client.send(Messages.publish("t")).expectRefusal("TOPIC_SEALED");
            }
        }
    }

    @Test
    void forgetsTopicsThatAreInMemory() throws Exception {
        DurableOverride inMemory = new DurableOverride(false, null, null, null);
        TopicOverride override = new TopicOverride(new TopicPattern("m.*"), null, null, null, inMemory);
        server.restart(TopicConfig.DEFAULTS, override);
        server.publish("m.t", Messages.batch(1));
        server.publish("t", Messages.batch(1));
        assertThat(data.resolve("m.t")).doesNotExist();

        server.restart(TopicConfig.DEFAULTS, override);
        Topics.await(server.running(), "t", row -> true);

        assertThat(Topics.list(server.running()))
                .extracting(row -> row.topic().value())
                .containsExactly("t");
    }

    @Test
    void keepsDictionaries() throws Exception {
        server.restart(TopicConfig.DEFAULTS.withWindowBatches(1));
        byte[] request = Messages.publish(Messages.ENCODED, "t", "bowstring.ack", "true");
        server.publish(
                request,
                Messages.dictionary(false, "a+b"),
                Messages.batch(0, 1),
                Messages.dictionary(true, "c"),
                Messages.batch(2),
                Messages.dictionary(false, "x+y"),
                Messages.batch(1, 0));
        server.publish(request, Messages.dictionary(false, "p"), Messages.batch(0));
        List<Object> expected = texts();
        assertThat(expected).containsExactly("a", "b", "c", "y", "x", "p");

        server.restart();

        assertThat(texts()).isEqualTo(expected);
    }

    private List<Object> texts() throws IOException {
        List<Object> texts = new ArrayList<>();
        List<Object> dictionary = new ArrayList<>();
        try (WireClient client = server.subscribe("t", "bowstring.from", "earliest", "bowstring.until", "end")) {
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
}
