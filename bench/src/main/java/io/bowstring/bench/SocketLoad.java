package io.bowstring.bench;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A load by plain sockets that decode nothing, on a {@link RawRelay} or a Bowstring server. */
final class SocketLoad implements RelayLoad {
    private static final String TOPIC = "bench";

    /** Small batches are sent some at a time, as every buffered writer does. */
    private static final int WRITE_BYTES = 64 << 10;

    private static final int READ_BYTES = 256 << 10;
    /** Bytes that a server may send before a subscription has begun, to find out whether the subscriber is there. */
    private static final int MARKER_BYTES = 4;

    private static final ByteBuf END = Unpooled.copyLong(0xFFFF_FFFF_0000_0000L);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final InetSocketAddress address;
    private final boolean isBowstring;
    private long published;

    SocketLoad(int port, boolean isBowstring) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.isBowstring = isBowstring;
    }

    @Override
    public double run(int bodyBytes, int count, int subscribers) throws Exception {
        CountDownLatch begun = new CountDownLatch(subscribers);
        int batchesPerWrite = Math.max(1, WRITE_BYTES / bodyBytes);
        int writes = Math.max(1, count / batchesPerWrite);
        published += (long) writes * batchesPerWrite;
        ByteBuf batches = Streams.batches(bodyBytes, batchesPerWrite, false);
        long bytes = (long) writes * batches.readableBytes();
        List<Future<Long>> received = new ArrayList<>();
        for (int i = 0; i < subscribers; i++) {
            received.add(threads.submit(() -> countBytes(begun)));
        }
        long start;
        try (SocketChannel publisher = SocketChannel.open(address)) {
            if (isBowstring) {
                write(publisher, request(Streams.fields(), Map.of("bowstring.publish", TOPIC)));
            }
            begun.await();
            start = System.nanoTime();
            if (!isBowstring) {
                write(publisher, Unpooled.wrappedBuffer(new byte[] {RawRelay.PUBLISHER}));
            }
            for (int i = 0; i < writes; i++) {
                write(publisher, batches);
            }
            write(publisher, END);
        } finally {
            batches.release();
        }
        for (Future<Long> one : received) {
            if (one.get() < bytes) { // a server adds its marks to each batch
                throw new IllegalStateException("received: " + one.get() + " (expected: >= " + bytes + ")");
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private long countBytes(CountDownLatch begun) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        try (SocketChannel subscriber = SocketChannel.open(address)) {
            write(subscriber, isBowstring ? subscription() : Unpooled.wrappedBuffer(new byte[] {RawRelay.SUBSCRIBER}));
            if (isBowstring) {
                subscriber.shutdownOutput();
            }
            long bytes = 0;
            for (int read = subscriber.read(buffer); read != -1; read = subscriber.read(buffer)) {
                bytes += read;
                if (bytes > (isBowstring ? MARKER_BYTES : 0)) {
                    begun.countDown(); // more often than counts, which does nothing
                }
                if (buffer.position() > Long.BYTES) { // the last eight bytes stay, they may be the end
                    buffer.putLong(0, buffer.getLong(buffer.position() - Long.BYTES))
                            .position(Long.BYTES);
                }
            }
            if (buffer.getLong(0) != END.getLong(0)) {
                throw new IOException("a stream without its end");
            }
            return bytes;
        }
    }

    private ByteBuf subscription() {
        return request(
                List.of(),
                Map.of(
                        "bowstring.subscribe",
                        TOPIC,
                        "bowstring.on-lag",
                        "block",
                        "bowstring.until",
                        String.valueOf(published)));
    }

    /** Returns a schema message that is a request, with the end of a stream without fields. */
    private static ByteBuf request(List<IpcField> fields, Map<String, String> metadata) {
        IpcSchema schema = IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT);
        try {
            ByteBuf frame = Unpooled.copiedBuffer(schema.frame());
            return fields.isEmpty() ? Unpooled.copiedBuffer(frame, END) : frame;
        } finally {
            schema.release();
        }
    }

    private static void write(SocketChannel to, ByteBuf from) throws IOException {
        ByteBuffer bytes = from.nioBuffer();
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
