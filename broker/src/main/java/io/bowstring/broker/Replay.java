package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches from a topic's files for one subscription that lags, one piece at a time. A piece counts in the topic's memory until it
 * is sent.
 *
 * <p>Confined to the subscription's executor. The log's readers run what waits for the disk.
 */
final class Replay {
    private final Topic topic;
    private final DurableLog log;
    private final EventExecutor executor;
    private final Runnable onRead;
    private final LogReader reader;
    private @Nullable Read read;

    /** Of a piece in memory that is there and has not been taken; read by any thread. */
    private volatile long waitingBytes;

    /** All that is kept before it has been read, or looked for. */
    private long readUntil;

    /** Seen by the readers, which then need not read. */
    private volatile boolean isClosed;

    /**
     * Creates a replay from an offset on; {@link #request} begins it.
     *
     * @param executor the subscription's
     * @param onRead runs there when something that was requested is there
     */
    Replay(Topic topic, DurableLog log, long offset, EventExecutor executor, Runnable onRead) {
        this.topic = topic;
        this.log = log;
        this.executor = executor;
        this.onRead = onRead;
        this.reader = log.newReader(offset, this::allocate);
    }

    /** One piece on its way from the disk. Made on the executor, filled by a reader, then read on the executor. */
    private final class Read {
        private final long until;
        private @Nullable LogPart piece;
        private @Nullable ProtocolException failure;
        private boolean isDone;

        private Read(long until) {
            this.until = until;
        }

        private void run() {
            try {
                piece = isClosed ? null : reader.next(until);
            } catch (RuntimeException | Error e) {
                failure = Steps.reason(executor, e);
            }
            Steps.execute(executor, this::onDone);
        }

        /** On the executor, which may have run this before where its memory is exhausted. */
        private void onDone() {
            if (isDone) {
                return;
            }
            isDone = true;
            waitingBytes = piece instanceof LogPiece memory ? memory.bytes() : 0;
            if (isClosed) {
                release();
                closeReader();
            } else {
                onRead.run();
            }
        }

        private void release() {
            waitingBytes = 0;
            if (piece != null) {
                piece.release();
            }
        }
    }

    private ByteBuf allocate(int bytes) {
        return topic.memory().newBuffer(bytes, topic.broker().allocator());
    }

    /**
     * Has the next piece read, unless that is being done, or it is there.
     *
     * @param takesFiles whether a part of a file will do: if the log has one, it is there at once
     */
    void request(long until, boolean takesFiles) {
        if (read != null) {
            return;
        }
        if (!tryRequestFile(until, takesFiles)) {
            Read next = new Read(until);
            read = next;
            execute(next);
        }
    }

    /** Returns whether the next piece is there now, a part of a file: nothing else had been requested. */
    boolean tryRequestFile(long until, boolean takesFiles) {
        if (!takesFiles || read != null) {
            return false;
        }
        Read next = new Read(until); // first: where there is no memory for it, no part is lost
        next.piece = reader.nextFile(until);
        next.isDone = next.piece != null;
        read = next.isDone ? next : null;
        return next.isDone;
    }

    private void execute(Read next) {
        try {
            ClaimableTask.execute(log.readers(), next::run);
        } catch (RejectedExecutionException e) {
            next.failure = Broker.shuttingDown();
            next.isDone = true;
        } catch (OutOfMemoryError e) { // of a thread's stack, perhaps
            read = null;
            throw e;
        }
    }

    /** Returns whether what was requested is there: a piece, the end, or a failure. */
    boolean isReady() {
        return read != null && read.isDone;
    }

    /** Returns whether what is ready is a failure. */
    boolean hasFailed() {
        return read != null && read.failure != null;
    }

    /**
     * Returns the piece that is ready, owned; null where there was nothing to read.
     *
     * @throws ProtocolException where it could not be read
     */
    @Nullable
    LogPart take() {
        Read taken = read;
        read = null;
        if (taken == null) {
            return null;
        }
        readUntil = taken.until;
        waitingBytes = 0;
        if (taken.failure != null) {
            throw taken.failure;
        }
        return taken.piece;
    }

    /** Returns how much memory has been read and waits to be taken. For any thread. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** Returns where that ended which was to be read, when what has been taken last was requested: what came later may be kept as well. */
    long readUntil() {
        return readUntil;
    }

    /** Ends the replay; what is being read is released when it comes. Idempotent. */
    void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (read == null) {
            closeReader();
        } else if (read.isDone) {
            read.release();
            closeReader();
        }
    }

    private void closeReader() {
        try {
            ClaimableTask.execute(log.readers(), reader::close);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            reader.close(); // the server has stopped, or there is no memory for a thread
        }
    }
}
