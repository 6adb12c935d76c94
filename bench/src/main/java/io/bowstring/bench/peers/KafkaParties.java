package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Records on a {@link KafkaRelay} by Kafka's own client, each party on connections of its own; nothing is decoded. A topic has one
 * partition, which the broker syncs after each append. An append is what the producer has put together: a subscriber gets it then.
 */
final class KafkaParties implements Parties {
    /** For one step of a turn. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** The most that the producer puts together, as much as a durable topic writes at once. */
    private static final int APPEND_BYTES = 4 << 20;

    /** How long the producer waits for more: Kafka's default, which is faster here than 0, and not slower than 20. */
    private static final int LINGER_MILLIS = 5;

    /** So much the producer lets wait, and a subscriber asks for at once. */
    private static final int MAX_WAITING_BYTES = 64 << 20;

    private static final int MAX_RECORDS = 4_096;

    /** An append is a little longer than its records. */
    private static final int MAX_REQUEST_BYTES = 2 * APPEND_BYTES;

    private final Map<String, Object> address;

    KafkaParties(int port) {
        this.address = Map.of("bootstrap.servers", "127.0.0.1:" + port);
    }

    /** Returns what the producer does that matters, in words of its settings. */
    static String settings() {
        return "acks = all, batch.size = " + Sizes.text(APPEND_BYTES) + ", linger.ms = " + LINGER_MILLIS;
    }

    @Override
    public Publishing publish(Turn turn, int topic) throws IOException, ExecutionException, InterruptedException {
        addTopic(name(topic));
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.partitionsFor(name(topic)); // connects
            return new KafkaPublishing(producer, name(topic), turn.shape().bodyBytes());
        } catch (IOException | RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Makes a topic, unless it is there. */
    private void addTopic(String name) throws ExecutionException, InterruptedException {
        NewTopic topic = new NewTopic(name, 1, (short) 1)
                .configs(Map.of(
                        "flush.messages", "1",
                        "max.message.bytes", String.valueOf(MAX_REQUEST_BYTES),
                        "retention.bytes", String.valueOf(Durability.RETAINED_BYTES)));
        try (Admin admin = Admin.create(address)) {
            admin.createTopics(Set.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private Map<String, Object> producerSettings() {
        Map<String, Object> settings = new HashMap<>(address);
        settings.putAll(Map.of(
                "acks", "all",
                "batch.size", APPEND_BYTES,
                "linger.ms", LINGER_MILLIS,
                "buffer.memory", MAX_WAITING_BYTES,
                "max.request.size", MAX_REQUEST_BYTES,
                "send.buffer.bytes", -1, // the system's, which grow
                "receive.buffer.bytes", -1));
        return settings;
    }

    private Map<String, Object> consumerSettings() {
        Map<String, Object> settings = new HashMap<>(address);
        settings.putAll(Map.of(
                "max.partition.fetch.bytes", MAX_WAITING_BYTES,
                "fetch.max.bytes", MAX_WAITING_BYTES,
                "max.poll.records", MAX_RECORDS,
                "send.buffer.bytes", -1,
                "receive.buffer.bytes", -1));
        return settings;
    }

    @Override
    public void receive(int topic, Receiving subscriber) {
        TopicPartition partition = new TopicPartition(name(topic), 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            consumer.position(partition); // asks where the end is
            subscriber.begun();
            receive(subscriber, consumer);
        }
    }

    private static void receive(Receiving subscriber, KafkaConsumer<byte[], byte[]> consumer) {
        FrameScanner scanner = new FrameScanner(0, subscriber::batch);
        while (subscriber.batches() < subscriber.turn().expected()) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(PATIENCE);
            if (records.isEmpty()) {
                throw new IllegalStateException("received: nothing for " + PATIENCE.toSeconds() + " s after "
                        + subscriber.batches() + " batches");
            }
            for (ConsumerRecord<byte[], byte[]> batch : records) {
                scanner.scan(ByteBuffer.wrap(batch.value()));
            }
        }
    }

    private static String name(int topic) {
        return "bench-" + topic;
    }

    @Override
    public void close() {
        // each connection is closed by who opened it
    }
}
