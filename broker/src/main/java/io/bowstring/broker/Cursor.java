package io.bowstring.broker;

import org.jspecify.annotations.Nullable;

/**
 * A place in a topic's log: the offset of the batch that is read next, and the block that it is in or comes after. It keeps
 * nothing of the log alive. Confined to one thread.
 */
final class Cursor {
    private final TopicLog log;
    private long offset;
    private @Nullable Block block;

    Cursor(TopicLog log, long offset) {
        this.log = log;
        this.offset = offset;
    }

    long offset() {
        return offset;
    }

    void moveTo(long newOffset) {
        offset = newOffset;
    }

    /** Returns whether there is no batch yet at the cursor. */
    boolean isAtEnd() {
        return offset >= log.committedOffset();
    }

    /** Returns the offset after that of the last batch of a block, borrowed, that may be read. */
    long committedEnd(Block of) {
        // The committed offset is read first: the block has all batches before it.
        return Math.min(log.committedOffset(), of.endOffset());
    }

    /** Returns whether the batch at the cursor has left the window. */
    boolean isBehind() {
        return offset < log.firstOffset();
    }

    /** Returns the block of the batch at the cursor, owned; null where that has left the window just now. */
    @Nullable
    Block tryRetain() {
        block = log.find(offset, block);
        return block != null && block.tryRetain() ? block : null;
    }
}
