package io.bowstring.examples;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;

/**
 * Sends Arrow streams back as they come, and shows each batch to arrow-java first. Whoever does not take what comes back
 * is not read from either. Arrow's memory needs {@code --add-opens=java.base/java.nio=ALL-UNNAMED}.
 *
 * <p>Thread-safe if the inspector is.
 */
public final class EchoServer extends ChannelInitializer<Channel> {
    private final Consumer<VectorSchemaRoot> inspector;

    /** Creates a server whose {@code inspector} is called on the channels' event loops; batches are borrowed. */
    public EchoServer(Consumer<VectorSchemaRoot> inspector) {
        this.inspector = inspector;
    }

    /** Listens on port 8817 and prints what passes. */
    public static void main(String[] args) throws InterruptedException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        EchoServer server = new EchoServer(batch -> System.out.print(batch.contentToTSVString()));
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class);
        bootstrap.childHandler(server).bind(8817).sync().channel().closeFuture().sync();
    }

    @Override
    protected void initChannel(Channel channel) {
        channel.pipeline().addLast(new IpcDecoder(), new IpcEncoder(), new Echo());
    }

    /** Confined to the channel's event loop. */
    private final class Echo extends SimpleChannelInboundHandler<IpcMessage> {
        private final Frames frames = new Frames();
        private final BufferAllocator allocator = new RootAllocator();
        private ArrowStreamReader reader = new ArrowStreamReader(frames, allocator);

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) throws IOException {
            frames.queue.discardReadBytes().writeBytes(message.frame());
            if (message instanceof IpcRecordBatch && reader.loadNextBatch()) {
                inspector.accept(reader.getVectorSchemaRoot());
            } else if (message instanceof IpcEndOfStream && !reader.loadNextBatch()) {
                reader.close(false);
                reader = new ArrowStreamReader(frames, allocator);
            }
            ctx.writeAndFlush(message.retain());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) throws IOException {
            reader.close();
            allocator.close();
        }
    }

    /** The frames that arrow-java has not read yet: they are whole, so it never waits for the rest of one. */
    private static final class Frames extends InputStream {
        private final ByteBuf queue = Unpooled.buffer(); // on the heap, where nobody has to release it

        @Override
        public int read() {
            return queue.isReadable() ? queue.readUnsignedByte() : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            int read = Math.min(length, queue.readableBytes());
            queue.readBytes(bytes, offset, read);
            return read == 0 ? -1 : read;
        }
    }
}
