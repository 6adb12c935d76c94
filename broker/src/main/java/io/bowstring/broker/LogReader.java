package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link DurableLog} keeps, from an offset on. Used by one thread at a time. */
public interface LogReader extends AutoCloseable {
    /**
     * Reads what comes next into memory. Where batches have been lost or dropped, what comes next begins at a higher offset. Blocks.
     *
     * @param until the offset of the first batch that is not wanted; at most the committed offset
     * @return owned; null where there is nothing before that offset
     * @throws ProtocolException {@code STORAGE_FAILED} where the disk fails
     */
    @Nullable
    LogPiece next(long until);

    /**
     * Returns what comes next as a part of a file, without a look at the disk. Does not block.
     *
     * @param until as for {@link #next}
     * @return owned; null where the log does not know that the file has it in one piece: then {@link #next} reads it
     */
    default @Nullable FilePart nextFile(long until) {
        return null;
    }

    /** Releases what the reader holds. May block. */
    @Override
    void close();
}
