package io.bowstring.bench.peers;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A publisher that is a plain socket. Small batches are sent some at a time, as every buffered writer does. Owns the socket
 * and the batches.
 */
final class SocketPublishing implements Publishing {
    private static final int WRITE_BYTES = 64 << 10;

    private final SocketChannel socket;
    private final BatchBytes batches;
    private Runnable onFinished = () -> {};

    /** Null where nobody acknowledges anything. */
    private @Nullable SocketAcknowledgements acknowledgements;

    SocketPublishing(SocketChannel socket, int bodyBytes) {
        this.socket = socket;
        this.batches = new BatchBytes(bodyBytes, Math.max(2, WRITE_BYTES / bodyBytes / 2 * 2));
    }

    /** Runs that once all is sent. */
    SocketPublishing whenFinished(Runnable run) {
        onFinished = run;
        return this;
    }

    /** Reads what is acknowledged from now on, and waits for that in the end. */
    void awaitAcknowledgements() {
        acknowledgements = new SocketAcknowledgements(socket);
    }

    @Override
    public void send(int count) throws IOException {
        batches.send(count, (bytes, now) -> write(socket, bytes));
    }

    /** Sends a request; consumed. */
    void write(ByteBuf request) throws IOException {
        write(socket, request.nioBuffer());
        request.release();
    }

    static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    /** The relay is closed by the end of the stream, so the socket closes. */
    @Override
    public void finish() throws Exception {
        onFinished.run();
        write(socket, SocketRequests.END.nioBuffer());
        if (acknowledgements != null) {
            socket.shutdownOutput(); // the server closes once it has replied
            acknowledgements.await(batches.sent());
        }
        socket.close();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            batches.close();
        }
    }
}
