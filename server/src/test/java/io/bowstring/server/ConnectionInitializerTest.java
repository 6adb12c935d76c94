package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.EventLoops;
import io.bowstring.codec.LeakDetection;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A broker in a server that is not ours: its loops, its listener, and a handler of its own in front of ours. */
@ExtendWith(LeakDetection.class)
class ConnectionInitializerTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Broker broker =
            new Broker(BrokerConfig.DEFAULTS, loops, ByteBufAllocator.DEFAULT, InstantSource.system());
    private final ConnectionInitializer initializer = new ConnectionInitializer(broker);
    private final AtomicInteger reads = new AtomicInteger();
    private Channel listener;

    @BeforeEach
    void listen() {
        listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ReadCounter(), initializer);
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void stop() {
        listener.close().syncUninterruptibly();
        initializer.channels().close().syncUninterruptibly();
        broker.close().toCompletableFuture().join();
        EventLoops.stop(loops);
    }

    @Test
    void servesPublishersAndSubscribersBehindHandlersOfOthers() throws Exception {
        try (WireClient publisher = connect();
                WireClient subscriber = connect()) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1, 2), Messages.END);

            subscriber.expectStart("t", 0).expectBatch(0, 1, 2).expectEnd();
            publisher.halfClose().expectFin();
        }
        assertThat(reads.get()).isPositive();
    }

    @Test
    void endsConnectionsInOrderWhenItIsDrained() throws Exception {
        Future<Void> drained;
        try (WireClient publisher = connect();
                WireClient subscriber = connect();
                WireClient idle = connect()) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t"), Messages.batch(1));
            subscriber.expectStart("t", 0).expectBatch(0, 1);
            assertThat(Topics.list(idle)).hasSize(1);

            broker.drain();
            drained = initializer.drain();

            subscriber.expectEnd().expectFin();
            publisher.expectRefusal("SHUTTING_DOWN").halfClose().expectFin();
            idle.expectFin();
        }
        assertThat(drained.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void resetsWhatDoesNotEndInOrder() throws Exception {
        try (WireClient publisher = connect();
                WireClient subscriber = connect()) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t"), Messages.batch(1));
            subscriber.expectStart("t", 0).expectBatch(0, 1);

            initializer.channels().close();

            subscriber.expectReset();
        }
    }

    private WireClient connect() throws Exception {
        return WireClient.connect(((InetSocketAddress) listener.localAddress()).getPort());
    }

    /** Somebody else's handler. */
    private final class ReadCounter extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            reads.incrementAndGet();
            ctx.fireChannelRead(message);
        }
    }
}
