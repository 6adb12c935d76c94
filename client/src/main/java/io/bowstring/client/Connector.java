package io.bowstring.client;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.FileNotFoundException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

/**
 * Makes connections to one server, on epoll where the event loops are of that and NIO elsewhere. Owns the event loop, one
 * daemon thread named {@code bowstring-client}, where it is not given any. Thread-safe.
 */
final class Connector implements AutoCloseable {
    private static final long CLOSE_TIMEOUT_MILLIS = 10_000;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private final ServerAddress address;
    private final TimeoutConfig timeouts;
    private final KeepAlive keepAlive;
    private final IpcLimits limits;
    private final EventLoopGroup loops;
    private final boolean isOwner;
    private final boolean isEpoll;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /**
     * Creates a connector on the event loops of a configuration, borrowed, or one of its own.
     *
     * @throws IllegalArgumentException if they are neither of NIO nor of epoll
     */
    Connector(ClientConfig config) {
        this.address = config.server();
        this.timeouts = config.timeouts();
        this.keepAlive = KeepAlive.of(timeouts.peer());
        this.limits = config.limits();
        EventLoopGroup given = config.loops();
        this.isOwner = given == null;
        this.loops = given == null ? newLoop(Epoll.isAvailable()) : given;
        this.isEpoll = isOf(loops, EpollIoHandler.class);
        if (!isEpoll && !isOf(loops, NioIoHandler.class)) {
            throw new IllegalArgumentException("loops: " + loops.getClass().getName()
                    + " (expected: event loops of NioIoHandler or EpollIoHandler)");
        }
    }

    TimeoutConfig timeouts() {
        return timeouts;
    }

    private static EventLoopGroup newLoop(boolean isEpoll) {
        return new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("bowstring-client", true),
                isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    private static boolean isOf(EventLoopGroup loops, Class<? extends io.netty.channel.IoHandler> type) {
        return loops instanceof IoEventLoopGroup io && io.isIoType(type);
    }

    /**
     * Returns a loop for a connection and what belongs to it.
     *
     * @throws ClientException if the loops have been shut down
     */
    EventLoop nextLoop() {
        EventLoop loop = loops.next();
        if (loop.isShuttingDown()) {
            throw shutDown();
        }
        return loop;
    }

    /** Returns why there can be no more connections. */
    static ClientException shutDown() {
        return new ClientException("the event loops have been shut down");
    }

    /** Connects on a loop. The receiver is told messages, <i>owned</i>, on that loop. */
    ChannelFuture connect(EventLoop loop, ChannelHandler receiver) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        timeouts.connect().toMillis())
                // A failed write must not hide the refusal that explains it and is still to be read.
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        IpcDecoder decoder = new IpcDecoder(IpcDecoderConfig.DEFAULTS.withLimits(limits));
                        channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
                        channel.pipeline().addLast(decoder, receiver);
                    }
                });
        if (address instanceof UnixAddress unix) {
            return isEpoll
                    ? bootstrap.channel(EpollDomainSocketChannel.class).connect(new DomainSocketAddress(unix.path()))
                    : bootstrap.channel(NioDomainSocketChannel.class).connect(UnixDomainSocketAddress.of(unix.path()));
        }
        TcpAddress tcp = (TcpAddress) address;
        keepAlive.configure(bootstrap, isEpoll);
        return bootstrap
                .channel(isEpoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .connect(tcp.host(), tcp.port());
    }

    /** Returns what people need to know of an attempt that failed: without the names of system calls. */
    ClientException failure(Throwable cause) {
        return new ClientException("cannot connect to " + address + ": " + reason(cause), null);
    }

    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof UnknownHostException) {
            return "unknown host";
        }
        if (cause instanceof FileNotFoundException || message.contains("No such file")) {
            return "no such file";
        }
        return message.contains("Connection refused") ? "connection refused" : message;
    }

    /**
     * Throws where the caller is on one of the event loops, which must not be blocked.
     *
     * @throws IllegalStateException then
     */
    void requireMayBlock() {
        loops.forEach(loop -> {
            if (loop.inEventLoop()) {
                throw new IllegalStateException(
                        "thread: " + Thread.currentThread().getName()
                                + ", of the client's event loops (expected: another, this call blocks)");
            }
        });
    }

    /**
     * Stops the event loop if it is this connector's own, when its connections are closed; blocks, but not for ever where
     * somebody else blocks the event loop. Idempotent.
     */
    @Override
    public synchronized void close() {
        if (isOwner && !loops.isShuttingDown()) {
            // A loop that stops while a channel is open forgets to tell its handlers, and they keep what they hold.
            // A quiet period of Netty's would do as well, but lasts a tenth of a second at least.
            if (awaitTasks()) {
                channels.close().awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
            }
            loops.shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(2 * CLOSE_TIMEOUT_MILLIS);
        }
    }

    /** Returns whether the event loop has done in time what it had been given. */
    private boolean awaitTasks() {
        return loops.submit(() -> {}).awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
}
