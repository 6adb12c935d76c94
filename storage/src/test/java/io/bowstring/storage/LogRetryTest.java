package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.LocalPublisher;
import io.bowstring.broker.LocalSubscriber;
import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.PlainBatch;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a log does that could not write something, and time passes. */
@ExtendWith(LeakDetection.class)
@Timeout(300)
class LogRetryTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final List<IpcField> ENCODED = List.of(
            new IpcField("text", true, IpcType.UTF8, new IpcDictionaryEncoding(7, IpcType.INT32, false), List.of()));

    private final FaultyDisk disk = new FaultyDisk(new Random(1));
    private final EventExecutor executor = new DefaultEventExecutor();

    @AfterEach
    void stop() {
        executor.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private StorageRig rig(DurableConfig durable) throws IOException {
        BrokerConfig config = StorageRig.config(durable);
        return new StorageRig(disk, DIRECTORY, config).start();
    }

    private static void awaitUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void endsNoSegmentForWhichAGroupWaits() throws IOException {
        try (StorageRig rig = rig(DurableConfig.DEFAULTS.withSegmentAge(Duration.ofMillis(800)))) {
            LocalPublisher publisher = publisher(rig);
            publisher.publish(dictionary());
            publisher.publish(encoded());
            awaitUntil(() -> rig.all("other").isEmpty() && received(rig, "0").contains("batch"));

            rig.publish("other", 0);
            disk.setFreeBytes(100);
            publisher.publish(encoded());
            awaitUntil(() -> publisher.end().toCompletableFuture().isCompletedExceptionally());
            int bytes = disk.bytes(segment("other")).length;
            awaitUntil(() -> disk.bytes(segment("other")).length > bytes); // it has come of age, and ended
            disk.setFreeBytes(Long.MAX_VALUE);
            awaitUntil(() -> received(rig, "0").size() == 3);

            rig.restart();
            assertThat(received(rig, "1")).containsExactly("dictionary", "batch");
        }
    }

    private static Path segment(String topic) {
        return new SegmentFiles(DIRECTORY.resolve(topic)).segment(0);
    }

    private LocalPublisher publisher(StorageRig rig) {
        return LocalPublisher.open(
                rig.broker(),
                new PublishRequest(new TopicName("t"), true, false),
                IpcSchema.of(ENCODED, Map.of(), ALLOCATOR),
                executor);
    }

    private static IpcMessage dictionary() {
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        IpcSchema schema = IpcSchema.of(ENCODED, Map.of(), ALLOCATOR);
        ByteBuf frame = DictionaryFrames.frame(7, false, "text", ALLOCATOR);
        try {
            reader.next(schema.frame()).release();
            return reader.next(frame);
        } finally {
            schema.release();
            frame.release();
        }
    }

    private static IpcRecordBatch encoded() {
        return PlainBatch.of(
                1,
                List.of(new PlainBatch.Node(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, Unpooled.buffer().writeIntLE(0)),
                ALLOCATOR);
    }

    /** Returns what a subscription gets from an offset on, of what there is. */
    private List<String> received(StorageRig rig, String from) {
        List<String> messages = new ArrayList<>();
        SubscribeRequest request = new SubscribeRequest(
                new TopicName("t"), StartPosition.parse(from), EndPosition.END, LagPolicy.DISCONNECT, null);
        LocalSubscriber subscriber = LocalSubscriber.open(rig.broker(), request, executor, message -> {
            if (message instanceof IpcDictionaryBatch) {
                messages.add("dictionary");
            } else if (message instanceof IpcRecordBatch) {
                messages.add("batch");
            }
        });
        try {
            StorageRig.await(subscriber.end().toCompletableFuture());
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(ProtocolException.class);
        }
        return messages;
    }

    @Test
    void welcomesNobodyBeforeWhatHasFailedIsDone() throws IOException {
        try (StorageRig rig = rig(DurableConfig.DEFAULTS)) {
            rig.publish("t", 0);
            disk.setFreeBytes(100);
            assertThat(refusal(rig, 1)).contains("min-free-disk");
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_500);
            while (System.nanoTime() < end) { // some ticks
                assertThat(refusal(rig, 2)).contains("min-free-disk");
            }
            disk.setFreeBytes(Long.MAX_VALUE);
            awaitUntil(() -> refusal(rig, 3).isEmpty());
            assertThat(rig.all("t")).containsSubsequence("0=0", "1=1", "2=3").hasSize(3);
        }
    }

    private static String refusal(StorageRig rig, long value) {
        try {
            rig.publish("t", value);
            return "";
        } catch (CompletionException e) {
            return e.getMessage();
        }
    }

    @Test
    void commitsWhatIsOnDiskThoughSomethingFailedAfterwards() throws IOException {
        try (StorageRig rig = rig(DurableConfig.DEFAULTS)) {
            rig.publish("t", 0);
            AtomicInteger left = new AtomicInteger(1);
            disk.setFault((operation, file) -> {
                boolean isMeant = operation == FaultyDisk.Operation.WRITE
                        && SegmentFiles.ofIndex(file).isPresent();
                if (isMeant && left.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("exhausted by the test");
                }
                return false;
            });

            assertThat(refusal(rig, 1)).contains("exhausted");

            awaitUntil(() -> rig.all("t").equals(List.of("0=0", "1=1")));
        }
    }
}
