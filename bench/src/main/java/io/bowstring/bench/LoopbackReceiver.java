package io.bowstring.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server on the loopback interface that counts what it receives, on one event loop. Confined to the caller's thread. */
final class LoopbackReceiver implements AutoCloseable {
    enum Transport {
        NIO,
        EPOLL;

        boolean isAvailable() {
            return this == NIO || Epoll.isAvailable();
        }

        private IoHandlerFactory ioHandlers() {
            return this == NIO ? NioIoHandler.newFactory() : EpollIoHandler.newFactory();
        }

        private Class<? extends ServerChannel> serverChannel() {
            return this == NIO ? NioServerSocketChannel.class : EpollServerSocketChannel.class;
        }
    }

    /** CPU time of one run, in seconds: of the whole process, and of the event loop alone. */
    record Cpu(double process, double eventLoop) {}

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final com.sun.management.OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    private final BlockingQueue<Sink> accepted = new ArrayBlockingQueue<>(1);
    private final EventLoopGroup loop;
    private final long loopThread;
    private final Channel server;

    /** Starts a server that receives by {@code reception}. */
    LoopbackReceiver(Transport transport, Reception reception) throws Exception {
        loop = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
        loopThread = loop.submit(() -> Thread.currentThread().getId()).get();
        server = new ServerBootstrap()
                .group(loop)
                .channel(transport.serverChannel())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Sink sink = new Sink();
                        reception.addTo(channel);
                        channel.pipeline().addLast(sink);
                        accepted.add(sink);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /**
     * Sends a stream, {@code count} times the same batches, and waits until it has been received.
     *
     * @param batches borrowed
     */
    Cpu receive(ByteBuf batches, int count) throws Exception {
        ByteBuf schema = Streams.schema();
        long bytes = schema.readableBytes() + (long) batches.readableBytes() * count;
        long process = system.getProcessCpuTime();
        long eventLoop = threads.getThreadCpuTime(loopThread);
        Sink sink;
        try (SocketChannel sender = SocketChannel.open(server.localAddress())) {
            write(sender, schema.nioBuffer());
            for (int i = 0; i < count; i++) {
                write(sender, batches.nioBuffer());
            }
            sink = accepted.take();
        } finally {
            schema.release();
        }
        long received = sink.closed().get();
        if (received != bytes) {
            throw new IllegalStateException("received: " + received + " (expected: " + bytes + ")");
        }
        double loopSeconds = (threads.getThreadCpuTime(loopThread) - eventLoop) / 1e9;
        return new Cpu((system.getProcessCpuTime() - process) / 1e9, loopSeconds);
    }

    private static void write(SocketChannel sender, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            sender.write(bytes);
        }
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
