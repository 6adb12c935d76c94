package io.bowstring.bench.peers;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.Refusal;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Reads what a Bowstring server acknowledges to a publisher, on a thread of its own. Thread-safe. */
final class SocketAcknowledgements {
    private static final int READ_BYTES = 16 << 10;

    private final SocketChannel socket;

    /** How many batches there were in the last row. */
    private final CompletableFuture<Long> last = new CompletableFuture<>();

    /** Begins to read; ends with the socket, borrowed. */
    SocketAcknowledgements(SocketChannel socket) {
        this.socket = socket;
        Thread reader = new Thread(this::run, "bench-acknowledgements");
        reader.setDaemon(true);
        reader.start();
    }

    private void run() {
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        try {
            last.complete(read(decoder));
        } catch (IOException | RuntimeException e) {
            last.completeExceptionally(e);
        } finally {
            decoder.finishAndReleaseAll();
        }
    }

    private long read(EmbeddedChannel decoder) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        long batches = 0;
        while (socket.read(buffer.clear()) != -1) {
            decoder.writeInbound(Unpooled.copiedBuffer(buffer.flip()));
            for (IpcMessage message = decoder.readInbound(); message != null; message = decoder.readInbound()) {
                batches = Math.max(batches, batches(message));
            }
        }
        return batches;
    }

    /** Returns how many batches a message acknowledges; consumed. */
    private static long batches(IpcMessage message) {
        try {
            if (message instanceof IpcSchema schema) {
                requireAccepted(Refusal.parse(schema) == null, String.valueOf(Refusal.parse(schema)));
            }
            if (message instanceof IpcRecordBatch row) {
                Acknowledgement acknowledgement = Acknowledgement.parse(row);
                requireAccepted(acknowledgement.error() == null, String.valueOf(acknowledgement.error()));
                return acknowledgement.batches();
            }
            return 0;
        } finally {
            message.release();
        }
    }

    private static void requireAccepted(boolean isAccepted, String reason) {
        if (!isAccepted) {
            throw new IllegalStateException("publish: " + reason + " (expected: accepted)");
        }
    }

    /** Waits for the end of the reply; throws unless that many batches are acknowledged. */
    void await(int batches) throws ExecutionException, InterruptedException {
        long acknowledged = last.get();
        if (acknowledged != batches) {
            throw new IllegalStateException("acknowledged: " + acknowledged + " batches (expected: " + batches + ")");
        }
    }
}
