package io.bowstring.it;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A server that loses batches, made of one that does not: whatever passes is passed on, but for every so-manieth batch of each
 * subscription. Thread-safe.
 */
final class LossyProxy implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicLong dropped = new AtomicLong();
    private final int serverPort;
    private final long every;
    private final Channel listening;

    /**
     * Listens on a free port.
     *
     * @param every how many batches of a subscription pass for each that is dropped, and that one
     */
    LossyProxy(int serverPort, long every) {
        this.serverPort = serverPort;
        this.every = every;
        listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false) // until there is a connection to the server
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        connect(client);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Returns how many batches it has dropped. */
    long dropped() {
        return dropped.get();
    }

    private void connect(SocketChannel client) {
        ChannelFuture connecting = new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel server) {
                        new IpcDecoder().addTo(server);
                        server.pipeline().addLast(new Dropping(), new PassingOn(client));
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), serverPort);
        client.pipeline().addLast(new IpcEncoder(), new PassingOn((SocketChannel) connecting.channel()));
        connecting.addListener(future -> {
            if (future.isSuccess()) {
                client.config().setAutoRead(true);
            } else {
                client.close();
            }
        });
    }

    @Override
    public void close() {
        loops.shutdownGracefully().syncUninterruptibly();
    }

    /** Counts the batches of subscriptions. Confined to an event loop. */
    private final class Dropping extends ChannelInboundHandlerAdapter {
        private boolean isSubscription;
        private long count;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof IpcSchema schema) {
                isSubscription = schema.schemaMetadata().containsKey("bowstring.topic");
            }
            if (message instanceof IpcRecordBatch batch && isSubscription && ++count % every == 0) {
                batch.release();
                dropped.incrementAndGet();
                return;
            }
            ctx.fireChannelRead(message);
        }
    }

    /** Writes to the other side what comes from this one, no faster than that takes it. Confined to an event loop. */
    private static final class PassingOn extends ChannelInboundHandlerAdapter {
        private final SocketChannel other;

        PassingOn(SocketChannel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            other.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            other.flush();
            ctx.channel().config().setAutoRead(other.isWritable());
        }

        /** This side takes more, or does not: so the other one is read, or not. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            other.config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
