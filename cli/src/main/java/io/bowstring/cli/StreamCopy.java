package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes messages as an Arrow IPC stream. Not instantiable. */
final class StreamCopy {
    private StreamCopy() {}

    /**
     * Writes the stream as it arrives, until it ends or {@code limit} rows are written; batches are whole. Asked to
     * stop, the process ends the stream that it has written, so that it is a valid one.
     *
     * @param subscription borrowed; is closed where the process is asked to stop
     * @param target opens what to write to, once the server has accepted; is closed
     * @throws IOException if it cannot be written
     */
    static void untilStopped(MessageSubscription subscription, Supplier<OutputStream> target, long limit)
            throws IOException, InterruptedException {
        try (StopSignal stop = new StopSignal(subscription::close)) {
            IpcMessage schema = nextUntilStopped(subscription, stop);
            if (schema == null) {
                return;
            }
            write(schema, () -> nextUntilStopped(subscription, stop), target.get(), limit);
        }
    }

    /**
     * Writes a stream, until there are no more messages or {@code limit} rows are written; batches are whole.
     *
     * @param schema consumed
     * @param messages those after the schema; borrowed
     * @param target is closed
     * @throws IOException if it cannot be written
     */
    static void write(IpcMessage schema, MessageFlow messages, OutputStream target, long limit)
            throws IOException, InterruptedException {
        try (WritableByteChannel channel = Channels.newChannel(target)) {
            write(channel, schema);
            for (long rows = 0; rows < limit; ) {
                IpcMessage message = messages.next();
                if (message == null) {
                    break;
                }
                rows += message instanceof IpcRecordBatch batch ? batch.rowCount() : 0;
                write(channel, message);
            }
            write(channel, IpcEndOfStream.INSTANCE);
        }
    }

    private static @Nullable IpcMessage nextUntilStopped(MessageSubscription subscription, StopSignal stop)
            throws InterruptedException {
        try {
            return subscription.next();
        } catch (ClientException e) {
            if (!stop.isRaised()) {
                throw e;
            }
            return null;
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
