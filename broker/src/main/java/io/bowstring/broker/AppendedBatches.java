package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches that a topic has appended, with the dictionaries that they need, as a {@link DurableLog} takes them: each once, in order.
 * Their frames may be changed until they are committed, since nobody else reads them before. Confined to one thread at a time.
 */
public final class AppendedBatches {
    private final TopicLog log;
    private long offset;
    private @Nullable Block block;
    private StreamHead head = new StreamHead();

    // Of the last piece.
    private long rows;
    private boolean isNumbered;

    // As before the last piece was taken.
    private long lastOffset;
    private StreamHead lastHead = head;

    AppendedBatches(TopicLog log) {
        this.log = log;
        this.offset = log.appendedOffset();
        this.lastOffset = offset;
    }

    /** Returns the offset of the batch that is taken next. */
    public long offset() {
        return offset;
    }

    /** Takes what comes next, owned: batches of one block. Returns null where there is nothing now, or the topic is closed. */
    public @Nullable LogPiece take() {
        long until = log.appendedOffset();
        Block next = offset < until ? find() : null;
        if (next == null || !next.tryRetain()) {
            return null;
        }
        try {
            List<IpcDictionaryBatch> dictionaries = new ArrayList<>();
            next.head().forEachAfter(head, dictionary -> dictionaries.add(dictionary.retain()));
            until = Math.min(until, next.endOffset());
            LogPiece piece = new LogPiece(dictionaries, next.chunk(offset, until));
            rows = next.rows(offset, until);
            isNumbered = next.isNumbered();
            block = next;
            lastHead = head;
            head = next.head();
            lastOffset = offset;
            offset = until;
            return piece;
        } finally {
            next.release();
        }
    }

    private @Nullable Block find() {
        Block next = log.find(offset, block);
        return next == null ? log.find(offset, null) : next; // the last one may have been freed, and leads nowhere then
    }

    /** Returns how many rows the last piece has. */
    public long rows() {
        return rows;
    }

    /** Returns whether publishers may have numbered some of the batches of the last piece. */
    public boolean isNumbered() {
        return isNumbered;
    }

    /** Undoes the last {@link #take}, whose piece has been released. */
    public void putBack() {
        offset = lastOffset;
        head = lastHead;
        block = null;
    }

    /** Dictionaries that are in force where the next batch is taken are taken with it once more: a new file begins there. */
    public void forgetDictionaries() {
        head = new StreamHead();
    }
}
