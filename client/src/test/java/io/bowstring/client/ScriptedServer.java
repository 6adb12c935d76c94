package io.bowstring.client;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcFieldNode;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A server on a loopback socket that does what a test says with each message. What it receives is kept as text in
 * {@link #received}. Closing it waits until its event loop has ended.
 */
final class ScriptedServer implements AutoCloseable {
    static final String RESET = "reset";
    static final String CLOSED = "closed";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final Channel listener;

    /** Starts a server whose {@code script} runs on the event loop for each message, which is borrowed. */
    ScriptedServer(BiConsumer<Channel, IpcMessage> script) throws InterruptedException {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new IpcDecoder(), IpcEncoder.INSTANCE, new Script(script));
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    ServerAddress address() {
        return new TcpAddress("127.0.0.1", ((InetSocketAddress) listener.localAddress()).getPort());
    }

    /** Returns what was received next: a message, how the connection ended; fails after ten seconds. */
    String received() throws InterruptedException {
        String next = received.poll(10, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        // Not at once: handlers must hear that their channels are gone.
        group.shutdownGracefully(50, 10_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    /** Returns a schema of one {@code int64} field, owned. */
    static IpcSchema schema(Map<String, String> metadata) {
        IpcField field = IpcField.of("n", false, IpcType.INT64);
        return IpcSchema.of(List.of(field), metadata, ByteBufAllocator.DEFAULT);
    }

    /** Returns a batch of that schema with {@code rows} rows, owned. */
    static IpcRecordBatch batch(int rows) {
        ByteBuf values = Unpooled.buffer(8 * rows).writeZero(8 * rows);
        return IpcRecordBatch.of(
                rows,
                List.of(new IpcFieldNode(rows, 0)),
                List.of(Unpooled.EMPTY_BUFFER, values),
                ByteBufAllocator.DEFAULT);
    }

    private final class Script extends SimpleChannelInboundHandler<IpcMessage> {
        private final BiConsumer<Channel, IpcMessage> script;
        private String ending = CLOSED;

        Script(BiConsumer<Channel, IpcMessage> script) {
            this.script = script;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
            received.add(
                    message instanceof IpcSchema schema
                            ? schema.fields() + " " + schema.schemaMetadata()
                            : message.kind().name());
            script.accept(ctx.channel(), message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ending = RESET;
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            received.add(ending);
        }
    }
}
