package io.bowstring.broker;

/** What is read at once of a log that is kept: batches that follow one another. Owned by whoever has it. */
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
