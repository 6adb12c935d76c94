package io.bowstring.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/** How sockets are driven: epoll where the machine has it, else NIO. Immutable. */
enum Transport {
    /** Linux with the native library on the class path. */
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory newIoHandlerFactory() {
            return HalfCloseEpollHandler.newFactory();
        }

        @Override
        ChannelFuture bindUnix(ServerBootstrap bootstrap, Path path) {
            return bootstrap
                    .channel(EpollServerDomainSocketChannel.class)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .bind(new DomainSocketAddress(path.toString()));
        }

        @Override
        void configure(ServerBootstrap bootstrap, Duration peerTimeout) {
            super.configure(bootstrap, peerTimeout);
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, keepIdleSeconds(peerTimeout))
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, keepIntervalSeconds(peerTimeout))
                    .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_COUNT)
                    .childOption(EpollChannelOption.TCP_USER_TIMEOUT, (int) peerTimeout.toMillis());
        }
    },

    /** Everywhere. */
    NIO(NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory newIoHandlerFactory() {
            return NioIoHandler.newFactory();
        }

        // Netty's have no half-closure, which subscribers need.
        @Override
        ChannelFuture bindUnix(ServerBootstrap bootstrap, Path path) throws IOException {
            throw new IOException("this machine has no epoll, without which the server has no such sockets");
        }

        // There is no option for a peer that vanishes while it is sent something.
        @Override
        void configure(ServerBootstrap bootstrap, Duration peerTimeout) {
            super.configure(bootstrap, peerTimeout);
            Map<SocketOption<Integer>, Integer> keepAlive = Map.of(
                    ExtendedSocketOptions.TCP_KEEPIDLE, keepIdleSeconds(peerTimeout),
                    ExtendedSocketOptions.TCP_KEEPINTERVAL, keepIntervalSeconds(peerTimeout),
                    ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_COUNT);
            keepAlive.forEach((option, value) -> {
                if (supported().contains(option)) {
                    bootstrap.childOption(NioChannelOption.of(option), value);
                }
            });
        }
    };

    private static final int KEEP_COUNT = 3;
    private static final int MAX_KEEP_SECONDS = 32_767; // of Linux

    @SuppressWarnings("ImmutableEnumChecker") // a class is as immutable as it gets
    private final Class<? extends ServerChannel> channelClass;

    Transport(Class<? extends ServerChannel> channelClass) {
        this.channelClass = channelClass;
    }

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Returns when a silent connection is probed first, so that a peer that has vanished is found in time. */
    private static int keepIdleSeconds(Duration peerTimeout) {
        int left = seconds(peerTimeout) - KEEP_COUNT * keepIntervalSeconds(peerTimeout);
        return Math.max(1, Math.min(MAX_KEEP_SECONDS, left));
    }

    private static int keepIntervalSeconds(Duration peerTimeout) {
        return Math.max(1, seconds(peerTimeout) / (2 * KEEP_COUNT));
    }

    private static int seconds(Duration peerTimeout) {
        return (int) (peerTimeout.isZero() ? ConnectionLimits.DEFAULTS.peerTimeout() : peerTimeout).toSeconds();
    }

    /** Returns what the JDK can set on this platform. */
    private static Set<SocketOption<?>> supported() {
        try (SocketChannel socket = SocketChannel.open()) {
            return socket.supportedOptions();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    abstract IoHandlerFactory newIoHandlerFactory();

    /**
     * Binds a Unix domain socket.
     *
     * @throws IOException if this transport has none
     */
    abstract ChannelFuture bindUnix(ServerBootstrap bootstrap, Path path) throws IOException;

    /** Sets what TCP sockets are like; also one that the kernel closes for a process that has died ends with a reset. */
    void configure(ServerBootstrap bootstrap, Duration peerTimeout) {
        bootstrap
                .channel(channelClass)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_LINGER, 0)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
}
