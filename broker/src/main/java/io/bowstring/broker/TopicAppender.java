package io.bowstring.broker;

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
     * Appends batches of a run, as far as that pushes no batch out of the window that a blocking subscription still needs. Where this
     * throws, those before the committed offset have been appended.
     *
     * @param run borrowed; of what is appended, the log takes over what counts in the memory
     * @param head the dictionaries in force; borrowed
     * @param newBytes what dictionaries count for that the batch brings, if it is one; else 0
     * @param waitingBytes what the small batches count for that wait, these included
     */
    void append(IpcRecordBatchRun run, int from, int until, StreamHead head, long newBytes, long waitingBytes) {
        long before = log.committedOffset();
        long leftBytes = waitingBytes;
        int next = from;
        try {
            while (next < until) {
                int end = window.hasRoom(WaitingMessages.weightBytes(run, next, until) + newBytes, until - next)
                        ? until
                        : next + 1;
                long weightBytes = WaitingMessages.weightBytes(run, next, end);
                if (!window.tryMakeRoom(weightBytes + newBytes, end - next)) {
                    break;
                }
                // Not of what has been replaced before it was appended: that is free, and others should not pay for it.
                broker.reclaimer().onAppend(weightBytes + Math.min(newBytes, head.heldBytes()));
                log.append(run, next, end, head, newBytes, leftBytes);
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
