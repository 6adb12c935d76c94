package io.bowstring.bench.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** A publisher of Kafka: each batch is a record. The producer blocks while too much is not acknowledged. Owns the producer. */
final class KafkaPublishing implements Publishing {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;

    /** A batch, and the one that is a row shorter. */
    private final List<byte[]> batches = new ArrayList<>();

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private int sent;

    KafkaPublishing(KafkaProducer<byte[], byte[]> producer, String topic, int bodyBytes) throws IOException {
        this.producer = producer;
        this.topic = topic;
        try (BatchBytes bytes = new BatchBytes(bodyBytes, 1)) {
            bytes.send(2, (batch, now) -> {
                byte[] copy = new byte[batch.remaining()];
                batch.get(copy);
                batches.add(copy);
            });
        }
    }

    @Override
    public void send(int count) {
        for (int i = 0; i < count; i++) {
            requireNoFailure();
            byte[] batch = batches.get(sent++ % batches.size());
            producer.send(new ProducerRecord<>(topic, 0, null, batch), this::onAcknowledged);
        }
    }

    private void onAcknowledged(@Nullable RecordMetadata acknowledgement, @Nullable Exception refusal) {
        if (refusal == null) {
            acknowledged.incrementAndGet();
        } else {
            failure.compareAndSet(null, refusal);
        }
    }

    private void requireNoFailure() {
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("publish: " + first + " (expected: an acknowledgement)", first);
        }
    }

    @Override
    public void finish() {
        producer.flush(); // returns once each has been acknowledged or has failed
        requireNoFailure();
        if (acknowledged.get() != sent) {
            throw new IllegalStateException("acknowledged: " + acknowledged + " (expected: " + sent + ")");
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO); // nothing waits, or nobody waits for it
    }
}
