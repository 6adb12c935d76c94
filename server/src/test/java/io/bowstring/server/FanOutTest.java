package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many subscribers of one topic, and what one of them costs who does not read. */
@ExtendWith(LeakDetection.class)
class FanOutTest {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void givesEveryBatchToEachOfManySubscribers() throws Exception {
        int subscribers = 200;
        int batches = 2_000;
        int rows = 250;

        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                WireClient publisher = WireClient.connect(server);
                WireClient reader = WireClient.connect(server)) {
            byte[] request = Messages.subscribe("t", "bowstring.from", "earliest");
            List<CompletableFuture<Long>> checksums = new ArrayList<>();
            for (int i = 0; i < subscribers - 1; i++) {
                checksums.add(checksumOfReply(server, request));
            }
            reader.send(request).halfClose();
            publisher.send(Messages.publish("t", "bowstring.seal", "true"));
            Topics.await(server, "t", topic -> topic.subscribers() == subscribers);
            for (long i = 0; i < batches; i++) {
                publisher.send(Messages.counting(i, rows));
            }
            publisher.send(Messages.END);

            reader.expectStart("t", 0);
            for (long i = 0; i < batches; i++) {
                reader.expectBatch(i, LongStream.range(i, i + rows).toArray());
            }
            reader.expectEnd().expectFin();
            // Its bytes have been looked at one by one; those of the others are the same.
            long expected = checksumOfReply(server, request).get(60, TimeUnit.SECONDS);
            for (CompletableFuture<Long> checksum : checksums) {
                assertThat(checksum.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        }
    }

    /** Subscribes; completes with the checksum of all that came when it has ended in order. */
    private CompletableFuture<Long> checksumOfReply(Server server, byte[] request) throws Exception {
        CompletableFuture<Long> checksum = new CompletableFuture<>();
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Checksum(checksum));
                    }
                })
                .connect(server.address())
                .sync()
                .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(request)).sync();
        ((DuplexChannel) channel).shutdownOutput();
        return checksum;
    }

    @Test
    void paysForStalledSubscriberWithTheWindowAndNoMore() throws Exception {
        long windowBytes = 1 << 20;
        int rows = 2_000;
        int batches = 3_000; // 48 MB
        BrokerConfig broker = SmallBrokers.config(windowBytes, 10, 1 << 20, 256 << 10, 10);

        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(broker));
                WireClient publisher = WireClient.connect(server);
                WireClient stalled = WireClient.connect(server, 4 << 10);
                WireClient lister = WireClient.connect(server)) {
            stalled.send(Messages.subscribe("t"));
            List<WireClient> healthy = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                healthy.add(WireClient.connect(server).send(Messages.subscribe("t")));
            }
            publisher.send(Messages.publish("t"));
            stalled.expectStart("t", 0);
            for (WireClient client : healthy) {
                client.expectStart("t", 0);
            }

            long peakBytes = 0;
            for (long i = 0; i < batches; i++) {
                publisher.send(Messages.counting(i, rows));
                for (WireClient client : healthy) {
                    assertThat(client.next().offset()).isEqualTo(i);
                }
                if (i % 100 == 0) {
                    TopicStatus topic = Topics.list(lister).get(0);
                    assertThat(topic.bytes()).isLessThanOrEqualTo(windowBytes);
                    peakBytes = Math.max(peakBytes, server.usedDirectBytes());
                }
            }

            Topics.await(server, "t", topic -> topic.subscribers() == healthy.size());
            // The window, as much again that the stalled one keeps from being freed, what is being read, and the rest
            // of the allocator's chunks.
            assertThat(peakBytes).isLessThanOrEqualTo(8 << 20);
            Received last = stalled.next();
            while (last.kind() == Received.Kind.BATCH) {
                last = stalled.next();
            }
            assertThat(last.kind()).isEqualTo(Received.Kind.RESET);
            for (WireClient client : healthy) {
                client.close();
            }
        }
    }

    /** Sums up what comes; confined to the channel's event loop. */
    private static final class Checksum extends SimpleChannelInboundHandler<ByteBuf> {
        private final CRC32C sum = new CRC32C();
        private final CompletableFuture<Long> result;

        Checksum(CompletableFuture<Long> result) {
            this.result = result;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            sum.update(bytes.nioBuffer());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                result.complete(sum.getValue());
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            result.completeExceptionally(cause);
            ctx.close();
        }
    }
}
