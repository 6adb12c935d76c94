package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A publisher at full rate and subscribers who read as fast as they can. They block, so that the rate is that of the
 * slowest of them, and none is lost. Thread-safe.
 */
final class Flow implements AutoCloseable {
    static final String TOPIC = "flow";
    static final int ROWS = 1_000;

    /** Batches of one write of the publisher. */
    private static final int BURST = 8;

    private static final long SAMPLE_MILLIS = 10;
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Server server;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Channel> subscribers = new ArrayList<>();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final CountDownLatch hasStopped = new CountDownLatch(1);
    private final WireClient publisher;
    private final Thread pump = new Thread(this::publish, "flow");
    private final ReentrantLock mayPublish = new ReentrantLock(true);
    private volatile boolean isStopping;
    private volatile long peakBytes;

    private Flow(Server server, WireClient publisher) {
        this.server = server;
        this.publisher = publisher;
    }

    static Flow start(Server server, int subscribers) throws Exception {
        Flow flow = new Flow(server, WireClient.connect(server));
        for (int i = 0; i < subscribers; i++) {
            flow.subscribe();
        }
        flow.publisher.send(Messages.publish(TOPIC));
        Topics.await(server, TOPIC, topic -> topic.subscribers() == subscribers);
        flow.pump.start();
        return flow;
    }

    private void subscribe() throws Exception {
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Counter(receivedBytes));
                    }
                })
                .connect(server.address())
                .sync()
                .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(Messages.subscribe(TOPIC, "bowstring.on-lag", "block")))
                .sync();
        subscribers.add(channel);
    }

    private void publish() {
        byte[] batch = Messages.counting(0, ROWS);
        byte[][] burst = new byte[BURST][];
        Arrays.fill(burst, batch);
        byte[] bytes = Messages.concat(burst);
        try {
            while (!isStopping) {
                mayPublish.lock();
                try {
                    publisher.send(bytes);
                } finally {
                    mayPublish.unlock();
                }
            }
        } catch (IOException e) {
            assertThat(isStopping).isTrue();
        } finally {
            hasStopped.countDown();
        }
    }

    /** Returns how many bytes per second all subscribers get for some time. */
    double bytesPerSecond(long nanos) throws InterruptedException {
        long start = System.nanoTime();
        long before = receivedBytes.get();
        long now = start;
        while (now - start < nanos) {
            assertThat(hasStopped.await(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
            peakBytes = Math.max(peakBytes, server.usedDirectBytes());
            now = System.nanoTime();
        }
        return (receivedBytes.get() - before) * 1e9 / (now - start);
    }

    /** Returns the most direct memory that the server had at any sample since the last call. */
    long takePeakBytes() {
        long taken = peakBytes;
        peakBytes = 0;
        return taken;
    }

    /**
     * Publishes nothing until the direct memory of the server is below a limit, which it is to come to as subscribers read
     * what there is; returns what it is then.
     */
    long settledBytes(long limitBytes) throws InterruptedException {
        long deadline = System.nanoTime() + SETTLE_NANOS;
        mayPublish.lock();
        try {
            long bytes = server.usedDirectBytes();
            while (bytes >= limitBytes && System.nanoTime() < deadline) {
                assertThat(hasStopped.await(SAMPLE_MILLIS, TimeUnit.MILLISECONDS))
                        .isFalse();
                bytes = server.usedDirectBytes();
            }
            return bytes;
        } finally {
            mayPublish.unlock();
        }
    }

    /** Returns how many subscribers are still there. */
    long healthy() {
        return subscribers.stream().filter(Channel::isActive).count();
    }

    @Override
    public void close() throws IOException {
        isStopping = true;
        publisher.reset(); // which ends a write that waits
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static final class Counter extends SimpleChannelInboundHandler<ByteBuf> {
        private final AtomicLong bytes;

        Counter(AtomicLong bytes) {
            this.bytes = bytes;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
            bytes.addAndGet(in.readableBytes());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close(); // which healthy() shows
        }
    }
}
