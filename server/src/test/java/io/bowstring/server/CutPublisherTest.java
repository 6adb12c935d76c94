package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers whose stream ends at every possible byte: what came whole stays, and there is no trace of the rest. */
@ExtendWith(LeakDetection.class)
class CutPublisherTest {
    private Server server;
    private Neighbour neighbour;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(Topics.unlimitedRates());
        neighbour = Neighbour.start(server);
    }

    @AfterEach
    void stop() {
        neighbour.close();
        server.close();
    }

    /** A stream of two batches, of one row and of two. */
    private record Cut(String topic, List<byte[]> messages) {
        static Cut at(int offset, String... keysAndValues) {
            String topic = String.format("t%04d", offset);
            return new Cut(
                    topic,
                    List.of(
                            Messages.publish(topic, keysAndValues),
                            Messages.batch(1),
                            Messages.batch(2, 3),
                            Messages.END));
        }

        byte[] bytes() {
            return Messages.concat(messages.toArray(byte[][]::new));
        }

        /** Returns how many messages end at or before an offset. */
        int wholeMessages(int offset) {
            int whole = 0;
            int end = 0;
            for (byte[] message : messages) {
                end += message.length;
                whole += end <= offset ? 1 : 0;
            }
            return whole;
        }

        boolean isBetweenMessages(int offset) {
            return wholeMessages(offset) > wholeMessages(offset - 1) || offset == 0;
        }

        long wholeBatches(int offset) {
            return Math.max(0, Math.min(2, wholeMessages(offset) - 1));
        }
    }

    @Test
    void keepsWhatCameWholeInFrontOfHalfClose() throws Exception {
        int length = Cut.at(0).bytes().length;

        for (int offset = 0; offset <= length; offset++) {
            Cut cut = Cut.at(offset);
            try (WireClient client = WireClient.connect(server)) {
                client.send(Arrays.copyOf(cut.bytes(), offset)).halfClose();
                if (!cut.isBetweenMessages(offset)) {
                    client.expectRefusal("BAD_STREAM");
                }
                client.expectFin();
            }
        }

        Map<String, TopicStatus> topics = topics();
        for (int offset = 0; offset <= length; offset++) {
            assertHoldsWholeBatches(Cut.at(offset), offset, topics);
        }
    }

    @Test
    void keepsWhatCameWholeInFrontOfReset() throws Exception {
        int length = Cut.at(0, "bowstring.ack", "true").bytes().length;

        for (int offset = 0; offset <= length; offset++) {
            Cut cut = Cut.at(offset, "bowstring.ack", "true");
            try (WireClient client = WireClient.connect(server)) {
                client.send(Arrays.copyOf(cut.bytes(), offset));
                awaitAcks(client, cut.wholeBatches(offset)); // a reset may overtake what has not been read
                client.reset();
            }
        }

        Map<String, TopicStatus> topics = topics();
        for (int offset = 0; offset <= length; offset++) {
            Cut cut = Cut.at(offset, "bowstring.ack", "true");
            if (cut.wholeBatches(offset) > 0) {
                assertHoldsWholeBatches(cut, offset, topics);
            } else {
                TopicStatus topic = topics.get(cut.topic());
                assertThat(topic == null ? 0 : topic.rows()).isZero();
            }
        }
    }

    @Test
    void publishesToTopicWhosePublisherWasCut() throws Exception {
        try (WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            byte[] batch = Messages.batch(2);
            try (WireClient cut = WireClient.connect(server)) {
                cut.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1));
                cut.send(Arrays.copyOf(batch, batch.length - 1)).halfClose().expectRefusal("BAD_STREAM");
            }
            try (WireClient next = WireClient.connect(server)) {
                next.send(Messages.publish("t"), Messages.batch(3), Messages.END);

                subscriber.expectStart("t", 0).expectBatch(0, 1).expectBatch(1, 3);
            }
        }
    }

    private static void awaitAcks(WireClient client, long batches) throws IOException {
        long acknowledged = 0;
        while (acknowledged < batches) {
            Received received = client.next();
            if (received.kind() == Received.Kind.BATCH) {
                acknowledged = (Long) received.columns().get(0).get(0);
            }
        }
    }

    private static void assertHoldsWholeBatches(Cut cut, int offset, Map<String, TopicStatus> topics) {
        TopicStatus topic = topics.get(cut.topic());
        if (cut.wholeMessages(offset) == 0) {
            assertThat(topic).isNull();
        } else {
            assertThat(topic.batches()).as("cut at %d", offset).isEqualTo(cut.wholeBatches(offset));
            assertThat(topic.rows())
                    .as("cut at %d", offset)
                    .isEqualTo(List.of(0L, 1L, 3L).get((int) topic.batches()));
            assertThat(topic.isSealed()).isFalse();
        }
    }

    /** Returns the topics when only the neighbour publishes. */
    private Map<String, TopicStatus> topics() throws IOException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        for (; ; ) {
            List<TopicStatus> topics = Topics.list(server);
            if (topics.stream().mapToLong(TopicStatus::publishers).sum() == 1) {
                return topics.stream()
                        .collect(Collectors.toMap(topic -> topic.topic().value(), Function.identity()));
            }
            assertThat(System.nanoTime()).as("publishers are still there").isLessThan(deadline);
        }
    }
}
