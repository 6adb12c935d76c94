package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A server on the loopback interface with one decoder and its receive allocator, and a plain socket to it. Belongs to
 * the test's thread; what its event loop sees comes through queues.
 */
final class Loopback implements AutoCloseable {
    /** Ways to read from a socket. */
    enum Transport {
        NIO,
        EPOLL,
        IO_URING;

        private IoHandlerFactory newIo() {
            return switch (this) {
                case NIO -> NioIoHandler.newFactory();
                case EPOLL -> {
                    assumeTrue(Epoll.isAvailable(), () -> "no epoll here: " + Epoll.unavailabilityCause());
                    yield EpollIoHandler.newFactory();
                }
                case IO_URING -> {
                    assumeTrue(IoUring.isAvailable(), () -> "no io_uring here: " + IoUring.unavailabilityCause());
                    yield IoUringIoHandler.newFactory();
                }
            };
        }

        private Class<? extends ServerChannel> channelType() {
            return switch (this) {
                case NIO -> NioServerSocketChannel.class;
                case EPOLL -> EpollServerSocketChannel.class;
                case IO_URING -> IoUringServerSocketChannel.class;
            };
        }
    }

    /** A message as it came: its frame, where its body stood in memory, and what the decoder had copied by then. */
    record Received(byte[] frame, long bodyAddress, long copiedBytes) {}

    /** What the last handler saw: {@link Received}, bytes as {@code byte[]}, an exception, or {@link #CLOSED}. */
    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    static final Object CLOSED = "closed";

    final IpcDecoder decoder;
    Socket socket;

    private final MultiThreadIoEventLoopGroup group;
    private final Channel listener;
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final boolean isAutoRead;
    private final Channel channel;

    Loopback(Transport transport) throws Exception {
        this(transport, true, channel -> {});
    }

    /** Listens with whatever {@code front} puts in front of the decoder, and connects. */
    Loopback(Transport transport, boolean isAutoRead, Consumer<Channel> front) throws Exception {
        this(transport, isAutoRead, front, IpcDecoderConfig.DEFAULTS);
    }

    /** Does so with another decoder. */
    Loopback(Transport transport, boolean isAutoRead, Consumer<Channel> front, IpcDecoderConfig config)
            throws Exception {
        this.decoder = new IpcDecoder(config);
        this.isAutoRead = isAutoRead;
        group = new MultiThreadIoEventLoopGroup(1, transport.newIo());
        listener = new ServerBootstrap()
                .group(group)
                .channel(transport.channelType())
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.AUTO_READ, isAutoRead)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.config().setRecvByteBufAllocator(decoder.receiveAllocator());
                        front.accept(child);
                        child.pipeline().addLast(decoder, new Recorder());
                        accepted.add(child);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        socket = new Socket(InetAddress.getLoopbackAddress(), port());
        channel = accepted.take();
    }

    private int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    void send(byte[]... parts) throws IOException {
        for (byte[] part : parts) {
            socket.getOutputStream().write(part);
        }
        socket.getOutputStream().flush();
    }

    Object next() throws InterruptedException {
        Object event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).as("an event within 20 seconds").isNotNull();
        return event;
    }

    /** Returns the next message, which must be {@code expected}. */
    Received receive(byte[] expected) throws InterruptedException {
        Object event = next();
        assertThat(event).isInstanceOf(Received.class);
        Received received = (Received) event;
        assertThat(received.frame()).isEqualTo(expected);
        return received;
    }

    /** From now on {@code keeper} stands between the decoder and what fills the queue. */
    void addKeeper(ChannelInboundHandlerAdapter keeper) throws InterruptedException {
        onLoop(child ->
                child.pipeline().addBefore(child.pipeline().lastContext().name(), "keeper", keeper));
    }

    /** Runs on the event loop, and waits until it has. */
    void onLoop(Consumer<Channel> action) throws InterruptedException {
        channel.eventLoop().submit(() -> action.accept(channel)).sync();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        try {
            for (Object event = next(); event != CLOSED; event = next()) {
                assertThat(event).as("nothing is left").isNull();
            }
            listener.close().sync();
            EventLoops.stop(group);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        private boolean hasMessage = true; // or there would be no first read

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            readOn(ctx);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof IpcMessage message) {
                hasMessage = true;
                ByteBuf body = message.body();
                long address = body.hasMemoryAddress() ? body.memoryAddress() : -1;
                events.add(new Received(ByteBufUtil.getBytes(message.frame()), address, decoder.copiedBytes()));
                message.release();
            } else {
                events.add(ByteBufUtil.getBytes((ByteBuf) msg));
                ((ByteBuf) msg).release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            readOn(ctx);
        }

        private void readOn(ChannelHandlerContext ctx) {
            if (!isAutoRead && hasMessage) {
                hasMessage = false;
                ctx.read();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add(CLOSED);
        }
    }
}
