package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A producer of a {@link SocketTopic}. It loses its connection while batches are on their way, hears over the next one how
 * far it has come, and publishes the rest again, and some of what the topic has.
 *
 * <p>Confined to the test's thread.
 */
final class SocketProducer {
    /** Of so many batches the first sets the dictionary, and the others add to it. */
    private static final int RUN = 6;

    private final Server server;
    private final String topic;
    private final boolean isEncoded;
    private final Random random;
    private final List<Object> topicValues;
    private int next;
    private int dictionaryId;

    /**
     * Creates a producer that has not published yet.
     *
     * @param topicValues what the topic has, to which it adds
     */
    SocketProducer(Server server, String topic, boolean isEncoded, Random random, List<Object> topicValues) {
        this.server = server;
        this.topic = topic;
        this.isEncoded = isEncoded;
        this.random = random;
        this.topicValues = topicValues;
    }

    /** Publishes some batches, over two connections. */
    void publish() throws IOException {
        int until = next + 1 + random.nextInt(2 * RUN);
        try (WireClient lost = WireClient.connect(server);
                WireClient newer = WireClient.connect(server)) {
            assertThat(begin(lost)).isEqualTo(next);
            lost.send(stream(startAgain(), until));
            if (random.nextBoolean()) {
                lost.reset(); // else it is fenced
            }
            int appended = begin(newer);
            assertThat(appended).isBetween(next, until);
            append(appended);
            int from = startAgain();
            newer.send(stream(from, until));
            append(until);
            newer.send(Messages.END);
            expectEnd(newer, until - from);
        }
    }

    /** Returns a batch to begin with: the topic may have it. */
    private int startAgain() {
        return Math.max(0, next - random.nextInt(4));
    }

    /** Begins to publish; returns how many of its batches the topic has. */
    private int begin(WireClient client) throws IOException {
        dictionaryId = random.nextInt(3);
        List<IpcField> fields = isEncoded ? Messages.encoded(dictionaryId) : Messages.FIELDS;
        client.send(Messages.publish(fields, topic, "bowstring.ack", "true", "bowstring.producer", "p"));
        return Integer.parseInt(client.next().metadata().get("bowstring.sequence")) + 1;
    }

    /** Notes that the topic has the batches in front of {@code until}. */
    private void append(int until) {
        for (; next < until; next++) {
            topicValues.add(isEncoded ? text(next) : (Object) (long) next);
        }
    }

    private byte[] stream(int from, int until) {
        List<byte[]> messages = new ArrayList<>();
        for (int i = from - from % RUN; i < until; i++) {
            if (isEncoded) {
                messages.add(Messages.dictionary(dictionaryId, i % RUN > 0, text(i)));
            }
            if (i >= from) {
                Map<String, String> sequence = Map.of("bowstring.sequence", Integer.toString(i));
                messages.add(Messages.marked(sequence, isEncoded ? i % RUN : i));
            }
        }
        return Messages.concat(messages.toArray(byte[][]::new));
    }

    private static String text(int batch) {
        return "p" + batch;
    }

    /** Reads acknowledgements to the end; the last one is of all. */
    private void expectEnd(WireClient client, long batches) throws IOException {
        Received last = client.next();
        for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
            last = next;
        }
        long offset = batches == 0 ? -1 : topicValues.size() - 1;
        assertThat(last.columns()).containsExactly(List.of(batches), List.of(offset), Arrays.asList((Object) null));
    }
}
