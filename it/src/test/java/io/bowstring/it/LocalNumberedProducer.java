package io.bowstring.it;

import io.bowstring.broker.Broker;
import io.bowstring.broker.LocalPublisher;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.arrow.memory.BufferAllocator;

/** A producer of numbered batches in the JVM of its broker. Confined to the test's thread. */
final class LocalNumberedProducer implements AutoCloseable {
    private final int number;
    private final NumberedVectors vectors;
    private final BatchWriter writer;
    private final LocalPublisher publisher;
    private final List<NumberedBatch> sent = new ArrayList<>();

    LocalNumberedProducer(
            Broker broker,
            TopicName topic,
            int number,
            long seed,
            int maxBytes,
            EventExecutor executor,
            BufferAllocator allocator) {
        this.number = number;
        vectors = new NumberedVectors(number, seed, maxBytes, allocator);
        writer = new BatchWriter(
                vectors.schema(), vectors.dictionaries(), BatchWriterConfig.DEFAULTS, UnpooledByteBufAllocator.DEFAULT);
        publisher = LocalPublisher.open(broker, new PublishRequest(topic, true, false), writer.schema(), executor);
    }

    /** Publishes a batch, unless the topic cannot take it now. */
    void publish() {
        if (publisher.isWritable()) {
            sent.add(vectors.next());
            writer.copy(vectors.root(), Map.of()).forEach(publisher::publish);
            vectors.root().clear();
        }
    }

    int number() {
        return number;
    }

    /** Returns what it has published, by sequence. */
    List<NumberedBatch> sent() {
        return sent;
    }

    /** Ends the stream; done when all is in the topic. */
    CompletionStage<Long> finish() {
        return publisher.finish();
    }

    @Override
    public void close() {
        publisher.close();
        writer.close();
        vectors.close();
    }
}
