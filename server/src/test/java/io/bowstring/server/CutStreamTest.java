package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A stream of three batches, with and without dictionaries, that is cut at every byte in every way. At once somebody else
 * publishes to the topic, and then somebody reads it: what came whole is there, and nothing else. When the server has
 * stopped, no buffer is left.
 */
@ExtendWith(LeakDetection.class)
class CutStreamTest {
    private static final List<byte[]> PLAIN =
            List.of(Messages.batch(1), Messages.batch(2), Messages.batch(3), Messages.END);

    /** Sets, appends and replaces the dictionary. */
    private static final List<byte[]> ENCODED = List.of(
            Messages.dictionary(false, "a"),
            Messages.batch(0),
            Messages.dictionary(true, "b"),
            Messages.batch(1),
            Messages.dictionary(false, "c"),
            Messages.batch(0),
            Messages.END);

    private enum Cut {
        FIN,
        RESET
    }

    /** What is published: {@code values} are what a reader makes of its batches, the last is of the next publisher. */
    private record Stream(List<IpcField> fields, List<byte[]> messages, byte[] next, List<Object> values) {
        static Stream of(boolean isEncoded) {
            return isEncoded
                    ? new Stream(
                            Messages.ENCODED,
                            ENCODED,
                            Messages.concat(Messages.dictionary(false, "z"), Messages.batch(0)),
                            List.of("a", "b", "c", "z"))
                    : new Stream(Messages.FIELDS, PLAIN, Messages.batch(9), List.of(1L, 2L, 3L, 9L));
        }

        byte[] bytes(byte[] schema) {
            return Messages.concat(schema, Messages.concat(messages.toArray(byte[][]::new)));
        }

        /** Returns how many batches end at or before an offset. */
        int wholeBatches(byte[] schema, int offset) {
            int batches = 0;
            int end = schema.length;
            for (int i = 0; i < messages.size() - 1; i++) {
                end += messages.get(i).length;
                boolean isBatch = fields == Messages.FIELDS || i % 2 == 1;
                batches += isBatch && end <= offset ? 1 : 0;
            }
            return batches;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FIN, false, false", "FIN, false, true", "FIN, true, false", "FIN, true, true",
        "RESET, false, false", "RESET, false, true", "RESET, true, false", "RESET, true, true"
    })
    void keepsWhatCameWholeAndLeavesTheTopicUsable(Cut cut, boolean isEncoded, boolean isAcked) throws Exception {
        Stream stream = Stream.of(isEncoded);
        try (Server server = Server.start(Topics.unlimitedRates());
                WireClient next = WireClient.connect(server)) {
            int length = stream.bytes(publish(stream, isAcked, 0)).length;
            for (int offset = 0; offset <= length; offset++) {
                byte[] schema = publish(stream, isAcked, offset);
                int whole = stream.wholeBatches(schema, offset);
                try (WireClient client = WireClient.connect(server)) {
                    client.send(Arrays.copyOf(stream.bytes(schema), offset));
                    cut(cut, client, isAcked ? whole : 0);
                }

                next.send(publish(stream, true, offset), stream.next(), Messages.END);
                // Batches that are not acknowledged may come behind the next publisher's.
                assertThat(acknowledgedOffset(next)).as("cut at %d", offset).isBetween(isAcked ? whole : 0L, (long)
                        whole);
                List<Object> values = new ArrayList<>(read(next, topic(offset), isAcked ? whole + 1 : 1));
                Object last = stream.values().get(3);
                if (isAcked) {
                    assertThat(values).as("cut at %d", offset).endsWith(last);
                }
                assertThat(values.remove(last))
                        .as("cut at %d: %s", offset, values)
                        .isTrue();
                assertThat(values)
                        .as("cut at %d", offset)
                        .isEqualTo(stream.values().subList(0, values.size()));
            }
            for (TopicStatus topic : atRest(server)) {
                int offset = Integer.parseInt(topic.topic().value().substring(1));
                long whole = stream.wholeBatches(publish(stream, isAcked, offset), offset);
                boolean isExact = isAcked || cut == Cut.FIN; // else the reset may have overtaken them
                assertThat(topic.batches()).as("cut at %d", offset).isBetween(isExact ? whole + 1 : 1, whole + 1);
                assertThat(topic.isSealed()).isFalse();
            }
        }
    }

    /** Returns the topics when nobody publishes any more. */
    private static List<TopicStatus> atRest(Server server) throws IOException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        for (; ; ) {
            List<TopicStatus> topics = Topics.list(server);
            if (topics.stream().allMatch(topic -> topic.publishers() == 0)) {
                return topics;
            }
            assertThat(System.nanoTime()).as("publishers are still there").isLessThan(deadline);
        }
    }

    private static String topic(int offset) {
        return String.format("t%04d", offset);
    }

    private static byte[] publish(Stream stream, boolean isAcked, int offset) {
        return Messages.publish(stream.fields(), topic(offset), "bowstring.ack", Boolean.toString(isAcked));
    }

    /** Cuts when so many batches are acknowledged: a reset may overtake what has not been read. */
    private static void cut(Cut cut, WireClient client, long acknowledged) throws IOException {
        if (cut == Cut.RESET) {
            for (long batches = 0; batches < acknowledged; ) {
                batches = batches(client.next(), batches);
            }
            client.reset();
            return;
        }
        client.halfClose();
        long batches = 0;
        Received received = client.next();
        while (received.kind() != Received.Kind.FIN) {
            assertThat(received.kind()).isNotEqualTo(Received.Kind.RESET);
            batches = batches(received, batches);
            received = client.next();
        }
        assertThat(batches).isEqualTo(acknowledged);
    }

    /** Returns how many batches are acknowledged, {@code before} where a message does not say. */
    private static long batches(Received received, long before) {
        return received.kind() == Received.Kind.BATCH
                ? (Long) received.columns().get(0).get(0)
                : before;
    }

    /** Returns the offset of the batch of a publisher whose stream is acknowledged to its end. */
    private static long acknowledgedOffset(WireClient client) throws IOException {
        long offset = -1;
        for (Received received = client.next(); received.kind() != Received.Kind.END; received = client.next()) {
            if (received.kind() == Received.Kind.BATCH) {
                offset = (Long) received.columns().get(1).get(0);
                assertThat(received.columns().get(2)).containsOnlyNulls();
            }
        }
        return offset;
    }

    /** Returns what a topic holds, as a reader decodes it; there must be {@code least} batches. */
    private static List<Object> read(WireClient client, String topic, int least) throws IOException {
        client.send(Messages.subscribe(topic, "bowstring.from", "earliest", "bowstring.until", "end"));
        List<Object> dictionary = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (Received received = client.next(); received.kind() != Received.Kind.END; received = client.next()) {
            switch (received.kind()) {
                case SCHEMA -> assertThat(received.metadata()).containsEntry("bowstring.offset", "0");
                case DICTIONARY -> {
                    dictionary.clear();
                    dictionary.addAll(received.columns().get(0));
                }
                case DELTA -> dictionary.addAll(received.columns().get(0));
                default -> {
                    assertThat(received.kind()).isEqualTo(Received.Kind.BATCH);
                    assertThat(received.offset()).isEqualTo(values.size());
                    long value = received.numbers().get(0);
                    values.add(
                            received.fields().equals(Messages.FIELDS) ? (Object) value : dictionary.get((int) value));
                }
            }
        }
        assertThat(values).hasSizeGreaterThanOrEqualTo(least);
        return values;
    }
}
