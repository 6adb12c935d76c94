package io.bowstring.cli;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.StartPosition;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Some of the batches of an Arrow file that no server has written, counted from 0 on, and all dictionaries before them. Owns its input.
 * Confined to the caller's thread.
 */
final class PlainBatches implements AutoCloseable {
    private final MessageInput input;
    private final long first;
    private final long until;
    private long offset;

    private PlainBatches(MessageInput input, long first, long until) {
        this.input = input;
        this.first = first;
        this.until = until;
    }

    /**
     * Opens a file.
     *
     * @param count how many batches it has, where {@code from} is the last ones
     * @throws CommandException if it is no Arrow file, or {@code from} is a time
     */
    static PlainBatches open(Path path, StartPosition from, EndPosition until, long count) {
        long first = switch (from.kind()) {
            case EARLIEST, LATEST -> 0;
            case OFFSET -> from.value();
            case LAST -> count - from.value();
            case TIME ->
                throw new CommandException(
                        "--from: " + from + " (expected: no time; the batches of " + path + " have none)");
        };
        long end = until.kind() == EndPosition.Kind.OFFSET ? until.value() : Long.MAX_VALUE;
        return new PlainBatches(MessageInput.open(path), first, end);
    }

    /** Returns how many batches a file has. */
    static long count(Path path) {
        long count = 0;
        try (MessageInput input = MessageInput.open(path)) {
            for (IpcMessage message = input.next(); message != null; message = input.next()) {
                count += message instanceof IpcRecordBatch ? 1 : 0;
                message.release();
            }
        }
        return count;
    }

    /** Returns the schema; borrowed. */
    IpcSchema schema() {
        return input.schema();
    }

    /** Returns the next message that is wanted, owned; null after the last. */
    @Nullable
    IpcMessage next() {
        while (offset < until) {
            IpcMessage message = input.next();
            if (message == null) {
                return null;
            }
            if (!(message instanceof IpcRecordBatch) || offset++ >= first) {
                return message;
            }
            message.release();
        }
        return null;
    }

    /** Returns whether the end was marked, or has not been wanted. */
    boolean isComplete() {
        return offset >= until || input.isComplete();
    }

    @Override
    public void close() {
        input.close();
    }
}
