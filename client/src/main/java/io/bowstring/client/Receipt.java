package io.bowstring.client;

/**
 * A batch is in its topic: in the server's memory, and nowhere else. Immutable.
 *
 * @param sequence the number that the publisher gave the batch
 * @param offset of the batch in the topic's log; {@link #UNKNOWN} where a connection was lost and the next one found the batch
 *     there, where it is a duplicate, and where the server said so of very many batches at once that stand among those of others
 * @param isDuplicate whether the topic had a batch of this number before this publisher was opened, so that this one has not
 *     been added; only where it is {@link PublisherConfig#repeating}
 */
public record Receipt(long sequence, long offset, boolean isDuplicate) {
    /** In the place of an offset. */
    public static final long UNKNOWN = -1;

    /** Creates the receipt of a batch that has been added. */
    public Receipt(long sequence, long offset) {
        this(sequence, offset, false);
    }
}
