package io.bowstring.bench.peers;

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
    static final int MARKER_BYTES = 4;

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
        try {
            publisher.write(requests.publish(topic));
        } catch (IOException | RuntimeException e) {
            publisher.close();
            throw e;
        }
        if (requests == SocketRequests.ACKNOWLEDGED) {
            publisher.awaitAcknowledgements();
        }
        return publisher.whenFinished(() -> published.merge(topic, (long) turn.count(), Long::sum));
    }

    @Override
    public void receive(int topic, Receiving subscriber) throws IOException {
        Turn turn = subscriber.turn();
        long until = published.getOrDefault(topic, 0L) + turn.expected();
        int readBytes = Math.max(
                MIN_READ_BYTES,
                Math.min(MAX_READ_BYTES, ALL_READ_BYTES / turn.shape().allSubscribers()));
        try (SocketChannel socket = SocketChannel.open(address)) {
            SocketPublishing.write(socket, requests.subscribe(topic, until).nioBuffer());
            if (requests != SocketRequests.RAW) {
                socket.shutdownOutput();
            }
            ByteBuffer buffer = ByteBuffer.allocateDirect(readBytes);
            FrameScanner scanner = new FrameScanner(requests == SocketRequests.RAW ? 1 : 0, subscriber::batch);
            long bytes = 0;
            for (int read = socket.read(buffer); read != -1; read = socket.read(buffer)) {
                bytes += read;
                if (bytes > beforeBegun()) {
                    subscriber.begun();
                }
                buffer.flip();
                scanner.scan(buffer);
                buffer.compact();
            }
        }
    }

    private int beforeBegun() {
        return requests == SocketRequests.RAW ? 0 : MARKER_BYTES;
    }

    @Override
    public void close() {
        // each socket is closed by who opened it
    }
}
