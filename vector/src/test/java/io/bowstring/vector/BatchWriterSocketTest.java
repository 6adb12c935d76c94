package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches through real sockets, whose other end is slow to read: what is queued is what was written. */
@ExtendWith(LeakDetection.class)
class BatchWriterSocketTest {
    private static final DictionaryProvider NONE = new DictionaryProvider.MapDictionaryProvider();
    private static final int ROWS = 20_000;
    private static final int BATCHES = 3;

    /** Much less than what is sent. */
    private static final int SOCKET_BYTES = 64 << 10;

    private static final Schema SCHEMA = new Schema(Stream.of("float64", "timestamp", "utf8", "uint64")
            .map(SampleVectors::field)
            .toList());

    enum Transport {
        NIO,
        EPOLL,
        IO_URING;

        private IoHandlerFactory newIo() {
            return switch (this) {
                case NIO -> NioIoHandler.newFactory();
                case EPOLL -> {
                    assumeTrue(Epoll.isAvailable(), () -> "no epoll here: " + Epoll.unavailabilityCause());
                    yield EpollIoHandler.newFactory();
                }
                case IO_URING -> {
                    assumeTrue(IoUring.isAvailable(), () -> "no io_uring here: " + IoUring.unavailabilityCause());
                    yield IoUringIoHandler.newFactory();
                }
            };
        }

        private Class<? extends Channel> channelType() {
            return switch (this) {
                case NIO -> NioSocketChannel.class;
                case EPOLL -> EpollSocketChannel.class;
                case IO_URING -> IoUringSocketChannel.class;
            };
        }
    }

    /** Keeps where the parts of what goes to the socket are, and whether the channel copies them. */
    private static final class Addresses extends ChannelOutboundHandlerAdapter {
        private final List<Long> addresses = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
            assertThat(((ByteBuf) msg).isDirect()).isTrue(); // else the channel would copy it
            for (ByteBuffer part : ((ByteBuf) msg).nioBuffers()) {
                addresses.add(ForeignMemory.address(part));
            }
            ctx.write(msg, promise);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendsWhatWasInTheVectors(Transport transport) throws Exception {
        for (BufferAllocator allocator : List.of(
                new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE),
                ForeignAllocations.newRootAllocator(Long.MAX_VALUE))) {
            MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.newIo());
            try (ServerSocket server = new ServerSocket()) {
                server.setReceiveBufferSize(SOCKET_BYTES);
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Addresses addresses = new Addresses();
                Channel channel = connect(group, transport, server, addresses);
                try (Socket socket = server.accept()) {
                    List<List<String>> expected = new ArrayList<>();
                    ChannelFuture last = send(channel, allocator, addresses, expected);

                    assertThat(last.isDone()).isFalse(); // most of it is queued, while the vectors have other values
                    byte[] received = socket.getInputStream().readAllBytes();
                    assertThat(StockStream.read(received).batches()).isEqualTo(expected);
                    last.sync();
                }
            } finally {
                group.shutdownGracefully(50, 5_000, TimeUnit.MILLISECONDS).sync();
            }
            assertThat(allocator.getAllocatedMemory()).isZero();
            allocator.close();
        }
    }

    private static Channel connect(
            MultiThreadIoEventLoopGroup group, Transport transport, ServerSocket server, Addresses addresses)
            throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(transport.channelType())
                .option(ChannelOption.SO_SNDBUF, SOCKET_BYTES)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(addresses, new IpcEncoder());
                    }
                })
                .connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()))
                .sync()
                .channel();
    }

    /** More parts than a gathering write takes. */
    @ParameterizedTest
    @EnumSource
    void sendsMoreColumnsThanOneWriteTakes(Transport transport) throws Exception {
        Schema schema = new Schema(IntStream.range(0, 1500)
                .mapToObj(i -> SampleVectors.nullable("c" + i, new ArrowType.Int(32, true)))
                .toList());
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.newIo());
        try (BufferAllocator allocator = ForeignAllocations.newRootAllocator(Long.MAX_VALUE);
                VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
                BatchWriter writer =
                        new BatchWriter(schema, NONE, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = connect(group, transport, server, new Addresses());
            try (Socket socket = server.accept()) {
                new SampleVectors(1).fill(root, 1024);
                List<String> expected = StockStream.texts(root, NONE);
                channel.write(writer.schema());
                writer.consume(root, Map.of()).forEach(channel::write);
                ChannelFuture last = channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                last.addListener(ignored -> channel.close());

                byte[] received = socket.getInputStream().readAllBytes();
                assertThat(StockStream.read(received).batches()).containsExactly(expected);
                last.sync();
            } finally {
                group.shutdownGracefully(50, 5_000, TimeUnit.MILLISECONDS).sync();
            }
        }
    }

    private static ChannelFuture send(
            Channel channel, BufferAllocator allocator, Addresses addresses, List<List<String>> expected)
            throws InterruptedException {
        SampleVectors samples = new SampleVectors(7);
        try (VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, allocator);
                BatchWriter writer =
                        new BatchWriter(root.getSchema(), NONE, BatchWriterConfig.DEFAULTS, channel.alloc())) {
            channel.writeAndFlush(writer.schema());
            for (int i = 0; i < BATCHES; i++) {
                samples.fill(root, ROWS);
                expected.add(StockStream.texts(root, NONE));
                List<Long> values = root.getFieldVectors().stream()
                        .filter(BaseFixedWidthVector.class::isInstance)
                        .map(FieldVector::getDataBufferAddress)
                        .toList();
                writer.consume(root, Map.of()).forEach(channel::writeAndFlush);
                channel.eventLoop().submit(() -> {}).sync(); // it has reached the socket's queue
                assertThat(addresses.addresses).containsAll(values);
            }
            samples.fill(root, ROWS); // in new memory, or such as was given back too early
            ChannelFuture last = channel.writeAndFlush(IpcEndOfStream.INSTANCE);
            last.addListener(ignored -> channel.close());
            return last;
        }
    }
}
