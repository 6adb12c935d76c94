package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link DurableLog} keeps, from an offset on. Used by one thread at a time; its methods may block. */
public interface LogReader extends AutoCloseable {
    /**
     * Reads what comes next. Where batches have been lost or dropped, what comes next begins at a higher offset.
     *
     * @param until the offset of the first batch that is not wanted; at most the committed offset
     * @param takesFiles whether a {@link FilePart} will do, where the log has one
     * @return owned; null where there is nothing before that offset
     * @throws ProtocolException {@code STORAGE_FAILED} where the disk fails
     */
    @Nullable
    LogPart next(long until, boolean takesFiles);

    /** Releases what the reader holds. */
    @Override
    void close();
}
