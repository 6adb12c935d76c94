package io.bowstring.client;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.FileNotFoundException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a server with an event loop of its own, on epoll where there is one and NIO elsewhere. Owns the loop's
 * thread, a daemon named {@code bowstring-client}. Thread-safe.
 */
final class ServerConnection {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int CLOSE_TIMEOUT_MILLIS = 10_000;

    /** A loop that stops at once forgets to tell handlers that their channel is gone, and they keep what they hold. */
    private static final int QUIET_MILLIS = 10;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private final EventLoopGroup group;
    private final DuplexChannel channel;

    private ServerConnection(EventLoopGroup group, DuplexChannel channel) {
        this.group = group;
        this.channel = channel;
    }

    /**
     * Connects; blocks.
     *
     * @param receiver receives the messages of the server, <i>owned</i>, on the event loop
     * @throws ClientException if there is no connection to be had
     */
    static ServerConnection open(ServerAddress address, ChannelHandler receiver) throws InterruptedException {
        return open(address, receiver, Epoll.isAvailable());
    }

    /** Opens a connection on epoll or NIO. */
    static ServerConnection open(ServerAddress address, ChannelHandler receiver, boolean isEpoll)
            throws InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("bowstring-client", true),
                isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        try {
            Bootstrap bootstrap = new Bootstrap()
                    .group(group)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                    // A failed write must not hide the refusal that explains it and is still to be read.
                    .option(ChannelOption.AUTO_CLOSE, false)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            // The server has checked what it sends, by limits that are its own, and adds entries.
                            IpcDecoder decoder =
                                    new IpcDecoder(IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED));
                            channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
                            channel.pipeline().addLast(decoder, receiver);
                        }
                    });
            ChannelFuture connected = connect(bootstrap, address, isEpoll).await();
            if (!connected.isSuccess()) {
                throw new ClientException("cannot connect to " + address + ": " + reason(connected.cause()), null);
            }
            return new ServerConnection(group, (DuplexChannel) connected.channel());
        } catch (InterruptedException | RuntimeException e) {
            shutDown(group);
            throw e;
        }
    }

    private static ChannelFuture connect(Bootstrap bootstrap, ServerAddress address, boolean isEpoll) {
        if (address instanceof UnixAddress unix) {
            return isEpoll
                    ? bootstrap.channel(EpollDomainSocketChannel.class).connect(new DomainSocketAddress(unix.path()))
                    : bootstrap.channel(NioDomainSocketChannel.class).connect(UnixDomainSocketAddress.of(unix.path()));
        }
        TcpAddress tcp = (TcpAddress) address;
        return bootstrap
                .channel(isEpoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .connect(tcp.host(), tcp.port());
    }

    /** Returns what people need to know: without the names of system calls. */
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

    DuplexChannel channel() {
        return channel;
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** Sends all that was written and closes; waits until the event loop has ended. Idempotent. */
    void close() {
        channel.close();
        shutDown(group);
    }

    /** Resets the connection, or closes a Unix domain socket; waits until the event loop has ended. Idempotent. */
    void reset() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            // It has closed meanwhile: there is nothing left to reset.
        }
        close();
    }

    private static void shutDown(EventLoopGroup group) {
        group.shutdownGracefully(QUIET_MILLIS, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
    }
}
