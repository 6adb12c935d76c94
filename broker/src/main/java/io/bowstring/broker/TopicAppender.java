package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;

/**
 * Appends batches to a topic's log, as far as its window has room for them, and counts them. Confined to the topic's turn.
 */
final class TopicAppender {
    private final Broker broker;
    private final TopicLog log;
    private final Window window;
    private final TopicCounts counts;

    TopicAppender(Broker broker, TopicLog log, Window window, TopicCounts counts) {
        this.broker = broker;
        this.log = log;
        this.window = window;
        this.counts = counts;
    }

    /**
     * Appends a batch, unless that would push a batch out of the window that a blocking subscription still needs; then
     * nothing is pushed out.
     *
     * @param batch consumed where the result is true
     * @param followingBytes what the small batches count for that are about to follow
     * @return whether it was appended
     */
    boolean tryAppend(IpcRecordBatch batch, StreamHead head, long weightBytes, long followingBytes) {
        if (!window.tryMakeRoom(weightBytes, 1)) {
            return false;
        }
        // Not of what has been replaced before it was appended: that is free, and others should not pay for it.
        broker.reclaimer().onAppend(Math.min(weightBytes, WaitingMessages.weightBytes(batch) + head.heldBytes()));
        int frameBytes = batch.frameBytes();
        log.append(batch, head, weightBytes, followingBytes, broker.nowMicros(), window.nowNanos());
        counts.onAppended(1, batch.rowCount(), frameBytes);
        window.onAppended();
        return true;
    }

    /**
     * Appends batches of a run, as far as there is room: see {@link #tryAppend}. Where this throws, those before the committed offset
     * have been appended.
     *
     * @param run borrowed; of what is appended, the log takes over what counts in the memory
     * @param waitingBytes what the small batches count for that wait, these included
     */
    void append(IpcRecordBatchRun run, int from, int until, StreamHead head, long waitingBytes) {
        long before = log.committedOffset();
        long nowMicros = broker.nowMicros();
        long leftBytes = waitingBytes;
        int next = from;
        try {
            while (next < until) {
                int end =
                        window.hasRoom(WaitingMessages.weightBytes(run, next, until), until - next) ? until : next + 1;
                long weightBytes = WaitingMessages.weightBytes(run, next, end);
                if (!window.tryMakeRoom(weightBytes, end - next)) {
                    break;
                }
                broker.reclaimer().onAppend(weightBytes);
                log.append(run, next, end, head, leftBytes, nowMicros, window.nowNanos());
                leftBytes -= weightBytes;
                next = end;
            }
        } finally {
            onAppended(run, from, from + (int) (log.committedOffset() - before)); // also of those before a failure
        }
    }

    private void onAppended(IpcRecordBatchRun run, int from, int until) {
        if (until > from) {
            long rows = 0;
            for (int i = from; i < until; i++) {
                rows += run.rowCount(i);
            }
            counts.onAppended(until - from, rows, run.end(until - 1) - (from == 0 ? 0 : run.end(from - 1)));
            window.onAppended();
        }
    }
}
