package io.bowstring.it;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.BatchSequence;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A publisher under a producer id of its own that comes, publishes its last batch again and one more, goes, and comes back.
 * It must be let in, and its topic must have each batch once. It has a thread of its own; others ask how it is.
 */
final class Newcomer implements AutoCloseable {
    static final String TOPIC = "feed";
    static final List<IpcField> FIELDS = RequestBytes.numbers(1);

    private static final byte[] REQUEST =
            RequestBytes.publish(FIELDS, TOPIC, "bowstring.ack", "true", "bowstring.producer", "feed-1");
    private static final byte[] BATCH = RequestBytes.batch(1, 1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final int port;
    private final Thread thread = new Thread(this::comeAndGo, "newcomer");

    // Guarded by this.
    private boolean isOver;
    private @Nullable MessageSocket socket;
    private long visits;
    private @Nullable Throwable failure;

    Newcomer(int port) {
        this.port = port;
        thread.start();
    }

    private void comeAndGo() {
        try {
            for (long sequence = 0; !isOver(); sequence++) {
                visit(sequence);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            fail(e);
        }
    }

    private void visit(long sequence) throws IOException {
        try (MessageSocket visit = new MessageSocket(port)) {
            setSocket(visit);
            visit.send(REQUEST);
            IpcMessage handshake = visit.receive();
            try {
                IpcSchema reply = (IpcSchema) handshake;
                if (reply.schemaMetadata().containsKey("bowstring.error")) {
                    throw new AssertionError("not let in: " + reply.schemaMetadata());
                }
                require(
                        "last sequence",
                        Long.parseLong(reply.schemaMetadata().get("bowstring.sequence")),
                        sequence - 1);
            } finally {
                handshake.release();
            }
            if (sequence > 0) {
                visit.send(batch(sequence - 1));
            }
            visit.send(batch(sequence), RequestBytes.END);
            require("offset", lastOffset(visit), sequence);
        }
    }

    private static byte[] batch(long sequence) {
        return RequestBytes.marked(BATCH, new BatchSequence(sequence).toMetadata(Map.of()));
    }

    /** Reads the acknowledgements to their end. */
    private static long lastOffset(MessageSocket visit) throws IOException {
        long offset = -1;
        while (true) {
            IpcMessage message = visit.receive();
            try {
                if (message instanceof IpcEndOfStream) {
                    return offset;
                }
                offset = Acknowledgement.parse((IpcRecordBatch) message).offset();
            } finally {
                message.release();
            }
        }
    }

    private static void require(String what, long found, long expected) {
        if (found != expected) {
            throw new AssertionError(what + ": " + found + " (expected: " + expected + ")");
        }
    }

    private synchronized boolean isOver() {
        return isOver;
    }

    private synchronized void setSocket(MessageSocket visit) throws IOException {
        visits++;
        socket = visit;
        if (isOver) {
            visit.disconnect();
        }
    }

    private synchronized void fail(Throwable e) {
        if (!isOver) {
            failure = e;
        }
    }

    /** Fails where a visit has; returns how many there have been. */
    synchronized long requireWell() {
        if (failure != null) {
            throw new AssertionError("visit " + visits, failure);
        }
        return visits;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            isOver = true;
            if (socket != null) {
                socket.disconnect();
            }
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
