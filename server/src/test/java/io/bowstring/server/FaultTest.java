package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Faults of the server itself: no connection stays open with a reply that never comes. */
@ExtendWith(LeakDetection.class)
class FaultTest {
    private final EmbeddedChannel channel = new EmbeddedSocket();
    private final Broker broker = new Broker(
            BrokerConfig.DEFAULTS, channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
    private final ConnectionHandler handler =
            new ConnectionHandler(broker, ConnectionSource.NO_ADDRESS, Duration.ofSeconds(10));

    FaultTest() {
        channel.pipeline().addLast(new IpcDecoder(), new IpcEncoder(), handler);
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
        broker.close().toCompletableFuture().join();
    }

    @Test
    void endsConnectionThatCannotEvenBeRefused() {
        channel.config().setAllocator(new FaultyAllocator());

        channel.writeInbound(Unpooled.copiedBuffer(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        channel.advanceTimeBy(3, TimeUnit.SECONDS); // a channel that has no reset ends its reply inside a message
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void breaksExchangeWhoseStageFails() {
        ChannelHandlerContext ctx = channel.pipeline().context(handler);
        Connection connection =
                new Connection(ctx, handler, broker, ConnectionSource.NO_ADDRESS, Duration.ofSeconds(10));
        CompletionStage<Object> failed =
                CompletableFuture.failedFuture(new IllegalStateException("a fault by the test"));

        connection.whenDone(failed.thenApply(done -> done), done -> {});
        channel.runPendingTasks();

        ByteBuf refusal = channel.readOutbound();
        assertThat(Received.all(bytes(refusal)).get(0).metadata()).containsEntry("bowstring.error", "INTERNAL");
    }

    @Test
    void endsConnectionWhoseLastAcknowledgementFails() {
        channel.writeInbound(Unpooled.copiedBuffer(Messages.publish("t", "bowstring.ack", "true")));
        channel.runPendingTasks();
        channel.config().setAllocator(new FaultyAllocator());

        channel.writeInbound(Unpooled.copiedBuffer(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0})); // end of the stream
        channel.runPendingTasks();
        channel.advanceTimeBy(3, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isFalse();
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes).release();
        return bytes;
    }

    /** Has a fault: no direct buffer can be had. */
    private static final class FaultyAllocator extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new IllegalStateException("a fault by the test");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new IllegalStateException("a fault by the test");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
