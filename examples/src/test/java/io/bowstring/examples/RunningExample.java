package io.bowstring.examples;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Something that listens, on loops of its own; closing it closes its connections. Thread-safe. */
final class RunningExample implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;

    RunningExample(Function<EventLoopGroup, Channel> starter) {
        listener = starter.apply(loops);
    }

    /** Starts an echo server. */
    static RunningExample of(EchoServer server) {
        return new RunningExample(loops -> new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(server)
                .bind(0)
                .syncUninterruptibly()
                .channel());
    }

    InetSocketAddress address() {
        return new InetSocketAddress("localhost", ((InetSocketAddress) listener.localAddress()).getPort());
    }

    @Override
    public void close() {
        // Not at once: handlers must hear that their channels are gone.
        loops.shutdownGracefully(50, 20_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
