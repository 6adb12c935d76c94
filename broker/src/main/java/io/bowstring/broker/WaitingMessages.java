package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatchRun;
import io.netty.util.ReferenceCounted;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a publication that its topic has not appended yet, in order. Record batches are in runs; the topic may have taken
 * some batches of the first run. Owns the messages. Confined to the topic's turn.
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

    /** Returns what the small batches count for that wait. */
    long smallBytes() {
        return smallBytes;
    }

    /** Adds messages and runs, which are consumed. */
    void addAll(List<ReferenceCounted> messages) {
        for (ReferenceCounted message : messages) {
            all.add(message);
            smallBytes += message instanceof IpcRecordBatchRun run ? smallBytes(run, 0, run.count()) : 0;
        }
    }

    private long smallBytes(IpcRecordBatchRun run, int from, int until) {
        return log.isSmall(weightBytes(run, 0, 1)) ? weightBytes(run, from, until) : 0;
    }

    /** Returns the run that comes first, borrowed; null where it is a message, or nothing waits. */
    @Nullable
    IpcRecordBatchRun firstRun() {
        return all.peek() instanceof IpcRecordBatchRun run ? run : null;
    }

    /** Returns how many batches of the first run have been taken. */
    int taken() {
        return taken;
    }

    /** So many more batches of the first run have been taken; returns what they count for. */
    long take(IpcRecordBatchRun first, int batches) {
        long bytes = weightBytes(first, taken, taken + batches);
        smallBytes -= smallBytes(first, taken, taken + batches);
        taken += batches;
        if (taken == first.count()) {
            taken = 0;
            all.remove();
            first.release();
        }
        return bytes;
    }

    /** Takes the message that comes first, owned; null where it is a run, or nothing waits. */
    @Nullable
    IpcMessage takeMessage() {
        return firstRun() == null ? (IpcMessage) all.poll() : null;
    }

    /** Drops all; returns what it counts for. */
    long dropAll() {
        IpcRecordBatchRun first = firstRun();
        long bytes = first == null ? 0 : take(first, first.count() - taken);
        for (ReferenceCounted message : all) {
            bytes += weightBytes(message);
            message.release();
        }
        all.clear();
        smallBytes = 0;
        return bytes;
    }
}
