package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Plain sockets that decode nothing, on a {@link RawRelay} or a Bowstring server. */
final class SocketParties implements Parties {
    private static final int MAX_READ_BYTES = 256 << 10;
    private static final int MIN_READ_BYTES = 16 << 10;
    private static final int ALL_READ_BYTES = 16 << 20;

    /** Bytes that a server may send before a subscription has begun, to find out whether the subscriber is there. */
    private static final int MARKER_BYTES = 4;

    private final InetSocketAddress address;
    private final SocketRequests requests;

    /** How many batches each topic has got. */
    private final Map<Integer, Long> published = new ConcurrentHashMap<>();

    SocketParties(int port, SocketRequests requests) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.requests = requests;
    }

    @Override
    public Publishing publish(Turn turn, int topic) throws IOException {
        SocketChannel socket = SocketChannel.open(address);
        SocketPublishing publisher = new SocketPublishing(socket, turn.shape().bodyBytes());
        publisher.write(requests.publish(topic));
        return publisher.whenFinished(() -> published.merge(topic, (long) turn.count(), Long::sum));
    }

    @Override
    public void receive(Turn turn, int topic, Runnable begun) throws IOException {
        long until = published.getOrDefault(topic, 0L) + turn.expected();
        int readBytes = Math.max(
                MIN_READ_BYTES,
                Math.min(MAX_READ_BYTES, ALL_READ_BYTES / turn.shape().allSubscribers()));
        try (SocketChannel socket = SocketChannel.open(address)) {
            SocketPublishing.write(socket, requests.subscribe(topic, until).nioBuffer());
            if (requests == SocketRequests.BOWSTRING) {
                socket.shutdownOutput();
            }
            ByteBuffer buffer = ByteBuffer.allocateDirect(readBytes);
            if (turn.isPaced()) {
                receiveBatches(socket, buffer, turn, begun);
            } else {
                requireAll(receiveBytes(socket, buffer, begun), turn);
            }
        }
    }

    private long receiveBytes(SocketChannel socket, ByteBuffer buffer, Runnable begun) throws IOException {
        long bytes = 0;
        boolean hasBegun = false;
        for (int read = socket.read(buffer); read != -1; read = socket.read(buffer)) {
            bytes += read;
            if (!hasBegun && bytes > beforeBegun()) {
                begun.run();
                hasBegun = true;
            }
            if (buffer.position() > Long.BYTES) { // the last eight bytes stay, they may be the end
                buffer.putLong(0, buffer.getLong(buffer.position() - Long.BYTES))
                        .position(Long.BYTES);
            }
        }
        if (buffer.getLong(0) != SocketRequests.END.getLong(0)) {
            throw new IllegalStateException("a stream without its end");
        }
        return bytes;
    }

    /** A server adds its marks to each batch, so there may be more. */
    private static void requireAll(long bytes, Turn turn) {
        ByteBuf batch = Streams.batch(turn.shape().bodyBytes());
        long least = (long) turn.expected() * (batch.readableBytes() - Streams.COLUMNS * Long.BYTES);
        batch.release();
        if (bytes < least) {
            throw new IllegalStateException("received: " + bytes + " (expected: >= " + least + ")");
        }
    }

    private void receiveBatches(SocketChannel socket, ByteBuffer buffer, Turn turn, Runnable begun) throws IOException {
        FrameScanner scanner = new FrameScanner(requests == SocketRequests.RAW ? 1 : 0, turn::received);
        long bytes = 0;
        boolean hasBegun = false;
        for (int read = socket.read(buffer); read != -1; read = socket.read(buffer)) {
            bytes += read;
            if (!hasBegun && bytes > beforeBegun()) {
                begun.run();
                hasBegun = true;
            }
            buffer.flip();
            scanner.scan(buffer);
            buffer.compact();
        }
        if (scanner.batches() != turn.expected()) {
            throw new IllegalStateException(
                    "received: " + scanner.batches() + " batches (expected: " + turn.expected() + ")");
        }
    }

    private int beforeBegun() {
        return requests == SocketRequests.BOWSTRING ? MARKER_BYTES : 0;
    }

    @Override
    public void close() {
        // each socket is closed by who opened it
    }
}
