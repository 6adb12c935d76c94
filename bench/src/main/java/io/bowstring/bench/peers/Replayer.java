package io.bowstring.bench.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.LongPredicate;

/** Reads all that a socket sends into one buffer, again and again into the same, and looks at none of it. Confined to one thread. */
final class Replayer {
    private static final int BUFFER_BYTES = 256 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** Subscribes to topic 0 of a server from its first batch on, and returns how many bytes came until the end. */
    long replay(int port, long until) throws IOException {
        return replay(port, until, bytes -> true);
    }

    /** Does the same as long as it shall, by how many bytes have come. */
    long replay(int port, long until, LongPredicate isWanted) throws IOException {
        try (SocketChannel socket = connect(port)) {
            SocketPublishing.write(
                    socket, SocketRequests.subscribe(0, "earliest", until).nioBuffer());
            socket.shutdownOutput();
            return read(socket, isWanted);
        }
    }

    /** Connects, and returns how many bytes came until the end. */
    long receive(int port) throws IOException {
        return receive(port, bytes -> true);
    }

    /** Does the same as long as it shall, by how many bytes have come. */
    long receive(int port, LongPredicate isWanted) throws IOException {
        try (SocketChannel socket = connect(port)) {
            return read(socket, isWanted);
        }
    }

    private static SocketChannel connect(int port) throws IOException {
        return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private long read(SocketChannel socket, LongPredicate isWanted) throws IOException {
        long bytes = 0;
        int read = 0;
        while (read != -1 && isWanted.test(bytes)) {
            bytes += read;
            read = socket.read(buffer.clear());
        }
        return bytes;
    }
}
