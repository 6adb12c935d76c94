package io.bowstring.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/** How sockets are driven: epoll where the machine has it, else NIO. Immutable. */
enum Transport {
    /** Linux with the native library on the class path. */
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory newIoHandlerFactory() {
            return HalfCloseEpollHandler.newFactory();
        }

        @Override
        void configure(ServerBootstrap bootstrap) {
            // A peer that has vanished is found within a minute, also where nothing is sent.
            super.configure(bootstrap);
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, 30)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, 10)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, 3);
        }
    },

    /** Everywhere. */
    NIO(NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory newIoHandlerFactory() {
            return NioIoHandler.newFactory();
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // a class is as immutable as it gets
    private final Class<? extends ServerChannel> channelClass;

    Transport(Class<? extends ServerChannel> channelClass) {
        this.channelClass = channelClass;
    }

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory newIoHandlerFactory();

    /** Sets what sockets are like; also one that the kernel closes for a process that has died ends with a reset. */
    void configure(ServerBootstrap bootstrap) {
        bootstrap
                .channel(channelClass)
                .childOption(ChannelOption.SO_LINGER, 0)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
}
