package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From the socket to the vector, a value stays where the socket was read to. */
@ExtendWith(LeakDetection.class)
class ReceivedMemoryTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BufferAllocator allocator = new RootAllocator();
    private final BatchReader reader = new BatchReader(allocator);
    private final IpcDecoder decoder = new IpcDecoder();
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private volatile Throwable failure = new AssertionError("nothing has come");

    /** A batch, where its body was and how many bytes of it had been copied when it was received. */
    private record Received(VectorBatch batch, long bodyAddress, long copiedBytes) {}

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
        reader.close();
        allocator.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {8 << 10, 100_000, 130_000})
    void readsValuesWhereTheSocketWasReadTo(int rows) throws Exception {
        long[] values = new long[rows];
        for (int i = 0; i < rows; i++) {
            values[i] = i * 31L;
        }
        Channel server = listen();
        InetSocketAddress address = (InetSocketAddress) server.localAddress();
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            OutputStream out = socket.getOutputStream();
            send(out, BatchReaderTest.schema(IpcField.of("n", true, IpcType.INT64)));
            sendAndReceive(out, values).batch.close(); // what the connection has to earn, it earns here
            Received before = sendAndReceive(out, values);
            before.batch.close();
            Received result = sendAndReceive(out, values);
            try (VectorBatch batch = result.batch) {
                BigIntVector vector = (BigIntVector) batch.root().getVector(0);
                assertThat(vector.getDataBuffer().memoryAddress()).isEqualTo(result.bodyAddress);
                assertThat(vector.get(0)).isZero();
                assertThat(vector.get(rows - 1)).isEqualTo((rows - 1) * 31L);
                assertThat(result.copiedBytes - before.copiedBytes).isZero();
                assertThat(reader.copiedBytes()).isZero();
            }
        }
        server.close().sync();
    }

    private Received sendAndReceive(OutputStream out, long[] values) throws Exception {
        send(out, new BatchMaker().node(values.length, 0).bytes().longs(values).recordBatch(values.length));
        Received next = received.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError(failure);
        }
        return next;
    }

    /** Writes a message; consumed. */
    private static void send(OutputStream out, IpcMessage message) throws Exception {
        try {
            out.write(ByteBufUtil.getBytes(message.frame()));
        } finally {
            message.release();
        }
    }

    private Channel listen() throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
                        channel.pipeline().addLast(decoder, new Receiver());
                    }
                })
                .bind("localhost", 0)
                .sync()
                .channel();
    }

    private final class Receiver extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            IpcMessage next = (IpcMessage) message;
            long address = ByteBufAllocation.address(next.body());
            VectorBatch batch = reader.read(next);
            if (batch != null) {
                received.add(new Received(batch, address, decoder.copiedBytes()));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failure = cause;
        }
    }
}
