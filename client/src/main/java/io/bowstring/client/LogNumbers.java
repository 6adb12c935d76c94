package io.bowstring.client;

import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.PublicationStart;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a publisher's batches that the log of the topic has, as far as the publisher knows: what the log had before,
 * what has been sent to it, what it has acknowledged. Confined to one event loop.
 */
final class LogNumbers {
    private final Numbering numbering;

    /** Which log takes the batches; null until a server has said so. */
    private @Nullable String log;

    /** The last batch that the log had of this producer before it got any from here. */
    private long lastBefore = BatchSequence.NONE;

    /** The last batch that any connection has carried to this log. */
    private long lastSent = BatchSequence.NONE;

    /** The last batch that the log has acknowledged to this session. */
    private long lastAcknowledged = BatchSequence.NONE;

    LogNumbers(Numbering numbering) {
        this.numbering = numbering;
    }

    /**
     * Takes what the server says when a connection begins; returns whether another log takes the batches now than before.
     *
     * @throws ClientException if what is new would be taken for what the first log has
     */
    boolean begin(PublicationStart start) {
        boolean isOther = log != null && !log.equals(start.log());
        if (log == null) {
            numbering.firstAfter(start.lastSequence());
            lastBefore = start.lastSequence();
        } else if (isOther) {
            lastBefore = BatchSequence.NONE;
            lastSent = BatchSequence.NONE;
            lastAcknowledged = BatchSequence.NONE;
        }
        log = start.log();
        return isOther;
    }

    /**
     * Compares what the server has with what it can have from here.
     *
     * @param known the last batch that the log has of this producer
     * @param next what is to be sent first; null where there is nothing
     * @throws ClientException if batches of somebody else would be taken for those of this publisher, or its own for new ones
     */
    void requireOwn(long known, @Nullable PendingBatch next) {
        long lastOwn = Math.max(lastBefore, lastSent);
        if (known > lastOwn) {
            throw new ClientException("producer: " + numbering.producer()
                    + ", of which the topic has batches up to number " + known + " (expected: up to " + lastOwn
                    + "; somebody else publishes under this id)");
        }
        // A topic that has forgotten this producer appends again what it has: no matter, unless that is to be sent
        // again.
        long last = Math.max(lastBefore, lastAcknowledged);
        if (known < last && next != null && next.sequence() <= lastOwn) {
            throw new ClientException("producer: " + numbering.producer()
                    + ", of which the topic has batches up to number " + known + " (expected: from " + last
                    + " on, which has been acknowledged; it has been forgotten, and batch " + next.sequence()
                    + " may be in the topic or not)");
        }
    }

    /** A connection carries a batch. */
    void onSent(long sequence) {
        lastSent = Math.max(lastSent, sequence);
    }

    /** The log has a batch; returns whether it had it before it got any from here. */
    boolean acknowledge(long sequence) {
        lastAcknowledged = sequence;
        return sequence <= lastBefore;
    }
}
