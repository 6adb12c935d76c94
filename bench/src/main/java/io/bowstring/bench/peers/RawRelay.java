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
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Relays the bytes of the publisher of a topic to all its subscribers, and reads no faster than the slowest of them. The first
 * byte of a connection says which it is, four more say the topic; a subscriber gets a byte back when it is in. The end of the
 * publisher is the end of its subscribers.
 *
 * <p>Thread-safe. Owns its event loops.
 */
final class RawRelay implements Relay {
    static final byte PUBLISHER = 'P';
    static final byte SUBSCRIBER = 'S';
    static final int REQUEST_BYTES = 1 + Integer.BYTES;

    /** As in a Bowstring server. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 << 10, 1 << 20);

    private final Map<Integer, Topic> topics = new ConcurrentHashMap<>();
    private final EventLoopGroup loops;
    private final Channel server;

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
    }

    @Override
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** The connections of a topic. Thread-safe. */
    private static final class Topic {
        final List<Channel> subscribers = new CopyOnWriteArrayList<>();
        volatile @Nullable Channel publisher;

        boolean areWritable() {
            for (Channel subscriber : subscribers) {
                if (!subscriber.isWritable()) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Finds out from the first bytes what the connection is. Confined to the channel's event loop. */
    private final class Role extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.readableBytes() < REQUEST_BYTES) {
                return;
            }
            boolean isPublisher = in.readByte() == PUBLISHER;
            Topic topic = topics.computeIfAbsent(in.readInt(), absent -> new Topic());
            ctx.pipeline().addLast(isPublisher ? new Incoming(topic) : new Outgoing(topic));
            if (isPublisher) {
                topic.publisher = ctx.channel();
            } else {
                topic.subscribers.add(ctx.channel());
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {SUBSCRIBER}));
            }
            ctx.pipeline().remove(this); // the rest of the bytes continues
        }
    }

    /** Passes on what the publisher sends. Confined to the channel's event loop. */
    private static final class Incoming extends ChannelInboundHandlerAdapter {
        private final Topic topic;

        Incoming(Topic topic) {
            this.topic = topic;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            for (Channel subscriber : topic.subscribers) {
                subscriber.write(bytes.retainedDuplicate(), subscriber.voidPromise());
            }
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            topic.subscribers.forEach(Channel::flush);
            if (!topic.areWritable()) {
                ctx.channel().config().setAutoRead(false);
                if (topic.areWritable()) { // they became so before they could see this
                    ctx.channel().config().setAutoRead(true);
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            List<Channel> last = List.copyOf(topic.subscribers);
            topic.subscribers.removeAll(last); // first: after the last has closed, those of the next publisher come
            for (Channel subscriber : last) {
                subscriber.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    /** Lets the publisher continue when the subscriber has caught up. Confined to the channel's event loop. */
    private static final class Outgoing extends ChannelInboundHandlerAdapter {
        private final Topic topic;

        Outgoing(Topic topic) {
            this.topic = topic;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            Channel publisher = topic.publisher;
            if (publisher != null && topic.areWritable()) {
                publisher.config().setAutoRead(true);
            }
        }
    }
}
