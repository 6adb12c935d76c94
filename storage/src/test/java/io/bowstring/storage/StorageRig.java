package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.LocalPublisher;
import io.bowstring.broker.LocalSubscriber;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A broker whose topics are kept on a disk: it can be stopped, killed, and started again. Confined to the test's thread. */
final class StorageRig implements AutoCloseable {
    private static final List<IpcField> FIELDS = List.of(IpcField.of("value", false, IpcType.INT64));
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    final Disk disk;
    final Path directory;
    final BrokerConfig config;

    private EventExecutorGroup loops;
    private FileStorage storage;
    private Broker broker;

    StorageRig(Disk disk, Path directory, BrokerConfig config) {
        this.disk = disk;
        this.directory = directory;
        this.config = config;
    }

    /** Returns a configuration of topics that keep two batches in memory, and more on disk. */
    static BrokerConfig config(DurableConfig durable) {
        return BrokerConfig.DEFAULTS.withTopic(
                BrokerConfig.DEFAULTS.topic().withWindowBatches(2).withDurable(durable));
    }

    StorageRig start() throws IOException {
        disk.makeDirectory(directory);
        loops = new DefaultEventExecutorGroup(2);
        storage = FileStorage.open(disk, directory, 0, () -> {}, new StorageThreads(ALLOCATOR, InstantSource.system()));
        broker = new Broker(config, loops, ALLOCATOR, InstantSource.system(), storage);
        broker.open();
        return this;
    }

    /** Runs a task on every event loop, and waits until all have come to it. */
    void runOnEveryLoop() {
        loops.forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
    }

    Broker broker() {
        return broker;
    }

    /** Publishes a batch for each value, and returns what comes of it: the offset of the last one. */
    CompletableFuture<Long> publish(String topic, @Nullable String producer, boolean seals, long... values) {
        ProducerId id = producer == null ? null : new ProducerId(producer);
        LocalPublisher publisher = LocalPublisher.open(
                broker,
                new PublishRequest(new TopicName(topic), true, seals, id),
                IpcSchema.of(FIELDS, Map.of(), ALLOCATOR),
                loops.next());
        for (long value : values) {
            publisher.publish(batch(value));
        }
        return publisher.finish().toCompletableFuture();
    }

    long publish(String topic, long... values) {
        return await(publish(topic, null, false, values));
    }

    private static IpcRecordBatch batch(long value) {
        ByteBuf data = Unpooled.buffer().writeLongLE(value);
        IpcRecordBatch batch =
                PlainBatch.of(1, List.of(new PlainBatch.Node(1, 0)), List.of(Unpooled.EMPTY_BUFFER, data), ALLOCATOR);
        return batch.edited(
                new IpcMetadataEdit("", Map.of("bowstring.sequence", Long.toString(value), "own", "kept")), ALLOCATOR);
    }

    /** What a subscription gets. */
    static final class Received {
        final List<String> batches = new ArrayList<>();
        final List<Map<String, String>> metadata = new ArrayList<>();
        Map<String, String> schemaMetadata = Map.of();
        CompletableFuture<Void> end;
        LocalSubscriber subscriber;
    }

    /** Subscribes; a batch comes as {@code offset=value}, after a gap as {@code offset=value gap n}. */
    Received subscribe(String topic, String from, EndPosition until, LagPolicy policy) {
        Received received = new Received();
        SubscribeRequest request =
                new SubscribeRequest(new TopicName(topic), StartPosition.parse(from), until, policy, null);
        received.subscriber = LocalSubscriber.open(broker, request, loops.next(), message -> {
            if (message instanceof IpcSchema schema) {
                received.schemaMetadata = schema.schemaMetadata();
            } else if (message instanceof IpcRecordBatch batch) {
                BatchPosition mark = BatchPosition.parse(batch);
                String gap = mark.gap() == 0 ? "" : " gap " + mark.gap();
                received.batches.add(
                        mark.offset() + "=" + batch.buffer(1, Long.BYTES).readLongLE() + gap);
                received.metadata.add(batch.customMetadata());
            }
        });
        received.end = received.subscriber.end().toCompletableFuture();
        return received;
    }

    /** Returns all that a topic has; nothing where there is no such topic. */
    List<String> all(String topic) {
        Received received = subscribe(topic, "earliest", EndPosition.END, LagPolicy.DISCONNECT);
        try {
            await(received.end);
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof ProtocolException reason) || reason.code() != ErrorCode.UNKNOWN_TOPIC) {
                throw e;
            }
        }
        return received.batches;
    }

    static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(1, TimeUnit.MINUTES).join();
    }

    /** Stops in order. */
    void stop() throws IOException {
        broker.drain();
        await(broker.close().toCompletableFuture());
        storage.close();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
        assertThat(broker.usedMemoryBytes()).isZero();
        broker = null;
    }

    StorageRig restart() throws IOException {
        stop();
        return start();
    }

    @Override
    public void close() throws IOException {
        if (broker != null) {
            stop();
        }
    }
}
