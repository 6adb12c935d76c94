package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A publisher that is a plain socket. Small batches are sent some at a time, as every buffered writer does. Owns the socket
 * and the batches.
 */
final class SocketPublishing implements Publishing {
    private static final int WRITE_BYTES = 64 << 10;

    private final SocketChannel socket;
    private final ByteBuf batches;
    private final int batchesPerWrite;

    /** Lengths of a batch, and of every other one, which is shorter. */
    private final int evenBytes;

    private final int oddBytes;
    private int sent;
    private Runnable onFinished = () -> {};

    SocketPublishing(SocketChannel socket, int bodyBytes) {
        this.socket = socket;
        this.batchesPerWrite = Math.max(2, WRITE_BYTES / bodyBytes / 2 * 2);
        this.batches = Streams.batches(bodyBytes, batchesPerWrite, false);
        ByteBuf one = Streams.batch(bodyBytes);
        this.evenBytes = one.readableBytes();
        this.oddBytes = batches.readableBytes() / (batchesPerWrite / 2) - evenBytes;
        one.release();
    }

    /** Runs that once all is sent. */
    SocketPublishing whenFinished(Runnable run) {
        onFinished = run;
        return this;
    }

    @Override
    public void send(int count) throws IOException {
        int left = count;
        while (left > 0) {
            int skipped = sent % 2;
            int now = Math.min(left, batchesPerWrite - skipped);
            int from = bytes(skipped);
            write(socket, batches.nioBuffer(from, bytes(skipped + now) - from));
            sent += now;
            left -= now;
        }
    }

    /** Returns the length of the first batches. */
    private int bytes(int count) {
        return (count + 1) / 2 * evenBytes + count / 2 * oddBytes;
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
    public void finish() throws IOException {
        onFinished.run();
        write(socket, SocketRequests.END.nioBuffer());
        socket.close();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            batches.release();
        }
    }
}
