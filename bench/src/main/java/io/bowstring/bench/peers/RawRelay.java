package io.bowstring.bench.peers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Relays the bytes of one publisher to all subscribers, and reads no faster than the slowest of them. The first byte of a
 * connection says which it is; a subscriber gets it back when it is in. The end of the publisher is the end of all.
 *
 * <p>Thread-safe. Owns its event loops.
 */
final class RawRelay implements Relay {
    static final byte PUBLISHER = 'P';
    static final byte SUBSCRIBER = 'S';

    /** As in a Bowstring server. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 << 10, 1 << 20);

    private final List<Channel> subscribers = new CopyOnWriteArrayList<>();
    private final EventLoopGroup loops;
    private final Channel server;
    private volatile Channel publisher;

    RawRelay() throws InterruptedException {
        boolean isEpoll = Epoll.isAvailable();
        loops = new MultiThreadIoEventLoopGroup(0, isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        server = new ServerBootstrap()
                .group(loops)
                .channel(isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Role());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        publisher = server;
    }

    @Override
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private boolean areWritable() {
        for (Channel subscriber : subscribers) {
            if (!subscriber.isWritable()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Finds out from the first byte what the connection is. Confined to the channel's event loop. */
    private final class Role extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            boolean isPublisher = bytes.readByte() == PUBLISHER;
            ctx.pipeline().addLast(isPublisher ? new Incoming() : new Outgoing());
            if (isPublisher) {
                publisher = ctx.channel();
                ctx.fireChannelRead(bytes);
            } else {
                bytes.release();
                subscribers.add(ctx.channel());
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {SUBSCRIBER}));
            }
            ctx.pipeline().remove(this);
        }
    }

    /** Passes on what the publisher sends. Confined to the channel's event loop. */
    private final class Incoming extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            for (Channel subscriber : subscribers) {
                subscriber.write(bytes.retainedDuplicate(), subscriber.voidPromise());
            }
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            subscribers.forEach(Channel::flush);
            if (!areWritable()) {
                ctx.channel().config().setAutoRead(false);
                if (areWritable()) { // they became so before they could see this
                    ctx.channel().config().setAutoRead(true);
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            List<Channel> last = List.copyOf(subscribers);
            subscribers.removeAll(last); // first: after the last has closed, those of the next publisher come
            for (Channel subscriber : last) {
                subscriber.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    /** Lets the publisher continue when the subscriber has caught up. Confined to the channel's event loop. */
    private final class Outgoing extends ChannelInboundHandlerAdapter {
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (areWritable()) {
                publisher.config().setAutoRead(true);
            }
        }
    }
}
