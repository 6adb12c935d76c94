package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.receipt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fault of the caller: it releases memory that it has given away. */
@Timeout(60)
class ReleasedBatchTest {
    private static final int ROWS = IpcBatchBuilder.SHARED_FROM_BYTES / Long.BYTES;

    /** What is left of a message that has been released twice is lost: no other test is to blame for that. */
    @AfterEach
    void beginToCountAgain() {
        try {
            LeakDetection.check();
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("leak");
        }
    }

    @Test
    void failsThePublisherAndAllThatWaits() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (PublisherRig rig = new PublisherRig(config -> config.withLoops(loops))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CountDownLatch isReleased = new CountDownLatch(1);
            loops.execute(() -> awaitUninterruptibly(isReleased));
            ByteBuf values = Unpooled.directBuffer(ROWS * Long.BYTES).writeZero(ROWS * Long.BYTES);
            CompletionStage<Receipt> first = publisher.publish(batchThatShares(values));
            CompletionStage<Receipt> second = publisher.publish(batch(1));
            values.release();
            isReleased.countDown();

            assertThatThrownBy(() -> receipt(first)).hasCauseInstanceOf(ClientException.class);
            assertThatThrownBy(() -> receipt(second)).hasCauseInstanceOf(ClientException.class);
            assertThatThrownBy(publisher::finish).isInstanceOf(ClientException.class);
        } finally {
            loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    /** Returns a batch, owned; the values are consumed. */
    private static IpcRecordBatch batchThatShares(ByteBuf values) {
        try (IpcBatchBuilder builder =
                new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, ByteBufAllocator.DEFAULT)) {
            builder.addNode(ROWS, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(values);
            return builder.recordBatch(ROWS, Map.of());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
