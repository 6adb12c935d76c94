package io.bowstring.broker;

/** Batches that one read of a {@link DurableLog} returns; they follow one another. The caller owns it. */
public sealed interface LogPart permits LogPiece, FilePart {
    /** Returns the offset of the first batch. */
    long firstOffset();

    /** Returns how many batches there are, 1 or more. */
    long batchCount();

    /** Returns how many bytes the batches have. */
    long bytes();

    /** Releases all of it. */
    void release();
}
