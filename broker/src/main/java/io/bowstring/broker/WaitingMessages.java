package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.netty.util.ReferenceCounted;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a publication that its topic has not appended yet, in order. A run of record batches is one of them; some of its
 * batches may have been taken. Owns them. Confined to the topic's turn.
 */
final class WaitingMessages {
    private final TopicLog log;
    private final ArrayDeque<ReferenceCounted> all = new ArrayDeque<>();

    /** Of the first run: so many of its batches have been taken. */
    private int taken;

    private long smallBytes;

    /** Creates a line in which nothing waits for a log. */
    WaitingMessages(TopicLog log) {
        this.log = log;
    }

    /** Returns what a message or a run, borrowed, counts for as its publisher sent it, in bytes. */
    static long weightBytes(ReferenceCounted message) {
        return message instanceof IpcRecordBatchRun run
                ? weightBytes(run, 0, run.count())
                : weightBytes((IpcMessage) message);
    }

    static long weightBytes(IpcMessage message) {
        return (long) message.frameBytes() + Block.OVERHEAD_BYTES;
    }

    /** Returns what the batches of a run, borrowed, count for from an index until another. */
    static long weightBytes(IpcRecordBatchRun run, int from, int until) {
        int start = from == 0 ? 0 : run.end(from - 1);
        int end = until == 0 ? 0 : run.end(until - 1);
        return (long) (until - from) * Block.OVERHEAD_BYTES + end - start;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean beginsWithDictionary() {
        return all.peek() instanceof IpcDictionaryBatch;
    }

    /** Returns what the small batches count for that wait. */
    long smallBytes() {
        return smallBytes;
    }

    /** Adds messages and runs, which are consumed. */
    void addAll(List<ReferenceCounted> messages) {
        for (ReferenceCounted message : messages) {
            all.add(message);
            smallBytes += smallBytes(message);
        }
    }

    private long smallBytes(ReferenceCounted message) {
        if (message instanceof IpcRecordBatchRun run) {
            return log.isSmall(weightBytes(run, 0, 1)) ? weightBytes(run) : 0;
        }
        long bytes = weightBytes(message);
        return message instanceof IpcRecordBatch && log.isSmall(bytes) ? bytes : 0;
    }

    /** Returns the run that comes first, borrowed; null where it is a message. */
    @Nullable
    IpcRecordBatchRun firstRun() {
        return all.peek() instanceof IpcRecordBatchRun run ? run : null;
    }

    /** Returns how many batches of the first run have been taken. */
    int taken() {
        return taken;
    }

    /** So many more batches of the first run have been taken. */
    void take(IpcRecordBatchRun first, int batches) {
        smallBytes -= log.isSmall(weightBytes(first, 0, 1)) ? weightBytes(first, taken, taken + batches) : 0;
        taken += batches;
        if (taken == first.count()) {
            taken = 0;
            all.remove();
            first.release();
        }
    }

    /** Takes the message or the batch of a run that comes first; owned. */
    IpcMessage take() {
        IpcRecordBatchRun run = firstRun();
        if (run != null) {
            IpcRecordBatch batch = run.batch(taken);
            take(run, 1);
            return batch;
        }
        IpcMessage message = (IpcMessage) all.remove();
        smallBytes -= smallBytes(message);
        return message;
    }

    /** Puts what has been taken last back; consumed. */
    void putBack(IpcMessage message) {
        all.addFirst(message);
        smallBytes += smallBytes(message);
    }

    /** Drops all; returns what it counts for. */
    long dropAll() {
        long bytes = 0;
        while (!all.isEmpty()) {
            IpcMessage message = take();
            bytes += weightBytes(message);
            message.release();
        }
        return bytes;
    }
}
