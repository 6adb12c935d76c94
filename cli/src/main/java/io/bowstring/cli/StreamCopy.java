package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.Subscriber;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes a subscription as an Arrow IPC stream. Not instantiable. */
final class StreamCopy {
    private StreamCopy() {}

    /**
     * Writes the stream as it arrives, until it ends or {@code limit} rows are written; batches are whole. Asked to
     * stop, the process ends the stream that it has written, so that it is a valid one.
     *
     * @param subscriber borrowed; is closed where the process is asked to stop
     * @param target borrowed
     * @throws IOException if it cannot be written
     */
    static void untilStopped(Subscriber subscriber, WritableByteChannel target, long limit)
            throws IOException, InterruptedException {
        try (StopSignal stop = new StopSignal(subscriber::close)) {
            try {
                // Not the subscriber's own: the signal may close it at any time.
                write(target, subscriber.retainedSchema());
            } catch (ClientException e) {
                requireRaised(stop, e);
                return;
            }
            try {
                copy(subscriber, target, limit);
            } catch (ClientException e) {
                requireRaised(stop, e);
            }
            write(target, IpcEndOfStream.INSTANCE);
        }
    }

    private static void requireRaised(StopSignal stop, ClientException e) {
        if (!stop.isRaised()) {
            throw e;
        }
    }

    private static void copy(Subscriber subscriber, WritableByteChannel target, long limit)
            throws IOException, InterruptedException {
        long rows = 0;
        while (rows < limit) {
            IpcMessage message = subscriber.next();
            if (message == null) {
                return;
            }
            rows += message instanceof IpcRecordBatch batch ? batch.rowCount() : 0;
            write(target, message);
        }
    }

    /** Writes the frame of a message, which is consumed. */
    private static void write(WritableByteChannel target, IpcMessage message) throws IOException {
        try {
            ByteBuffer frame = message.frame().nioBuffer();
            while (frame.hasRemaining()) {
                target.write(frame);
            }
        } finally {
            message.release();
        }
    }
}
