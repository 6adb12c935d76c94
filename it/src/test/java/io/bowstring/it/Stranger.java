package io.bowstring.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One connection of an attack. It never waits: what the server does not take is kept and sent with a later {@link #flush}.
 * Confined to the attacker's thread.
 */
final class Stranger implements AutoCloseable {
    private static final int SMALL_BUFFER_BYTES = 4 << 10;

    /** No attack is a race. */
    private static final int MAX_FLUSH_BYTES = 256 << 10;

    private final SocketChannel channel;
    private final ByteBuffer received;
    private final Queue<ByteBuffer> unsent = new ArrayDeque<>();
    private final Traffic traffic;
    private boolean isOpen = true;

    /**
     * Connects.
     *
     * @param from the address that the server sees
     * @param received where what comes is read to, and forgotten
     */
    Stranger(InetSocketAddress from, InetSocketAddress server, ByteBuffer received, Traffic traffic)
            throws IOException {
        this.received = received;
        this.traffic = traffic;
        channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER_BYTES);
            channel.setOption(StandardSocketOptions.SO_LINGER, -1);
            channel.bind(from);
            channel.connect(server);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        traffic.onOpened();
    }

    /** Sends messages after those that are unsent; the arrays stay the caller's and do not change. */
    Stranger send(byte[]... messages) {
        for (byte[] message : messages) {
            unsent.add(ByteBuffer.wrap(message));
        }
        return flush();
    }

    /** Sends what the socket takes, up to a bound. */
    Stranger flush() {
        try {
            if (isOpen && (channel.isConnected() || channel.finishConnect())) {
                for (int budget = MAX_FLUSH_BYTES; budget > 0 && !unsent.isEmpty(); ) {
                    int sent = write(unsent.peek(), budget);
                    budget -= sent;
                    if (sent == 0) {
                        break;
                    }
                    if (!unsent.peek().hasRemaining()) {
                        unsent.remove();
                    }
                }
            }
        } catch (IOException e) {
            onLost();
        }
        return this;
    }

    private int write(ByteBuffer message, int maxBytes) throws IOException {
        int end = message.limit();
        message.limit(Math.min(end, message.position() + maxBytes));
        try {
            int sent = channel.write(message);
            traffic.onSent(sent);
            return sent;
        } finally {
            message.limit(end);
        }
    }

    /** Returns whether all has been sent. */
    boolean hasSentAll() {
        return unsent.isEmpty();
    }

    /** Reads at most so many bytes. */
    Stranger receive(int maxBytes) {
        try {
            if (isOpen && channel.isConnected()) {
                received.clear().limit(maxBytes);
                int count = channel.read(received);
                if (count < 0) {
                    onLost();
                } else {
                    traffic.onReceived(count);
                }
            }
        } catch (IOException e) {
            onLost();
        }
        return this;
    }

    private void onLost() {
        traffic.onLost();
        close();
    }

    /** Returns whether the connection is of use, as far as this side has noticed. */
    boolean isOpen() {
        return isOpen;
    }

    /** Sends an end in order, and goes on receiving. */
    void halfClose() {
        try {
            if (isOpen && channel.isConnected()) {
                channel.shutdownOutput();
            }
        } catch (IOException e) {
            onLost();
        }
    }

    /** Breaks the connection off. */
    void reset() {
        try {
            if (isOpen) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // the server was first
        }
        close();
    }

    /** Ends the connection in order. Idempotent. */
    @Override
    public void close() {
        isOpen = false;
        unsent.clear();
        try {
            channel.close();
        } catch (IOException e) {
            // the server was first
        }
    }
}
