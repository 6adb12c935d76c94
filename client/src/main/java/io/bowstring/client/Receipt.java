package io.bowstring.client;

/**
 * A batch is in its topic: in the server's memory, and nowhere else. Immutable.
 *
 * @param sequence the number that the publisher gave the batch
 * @param lastOffset of the newest batch of this publisher that was in the topic when the server said so, at least this one's;
 *     {@link #UNKNOWN} where a connection was lost and the next one found the batch there
 * @param isDuplicate whether the topic had a batch of this number before this publisher was opened, so that this one has not
 *     been added; only where it is {@link PublisherConfig#repeating}
 */
public record Receipt(long sequence, long lastOffset, boolean isDuplicate) {
    /** In the place of an offset. */
    public static final long UNKNOWN = -1;

    /** Creates the receipt of a batch that has been added. */
    public Receipt(long sequence, long lastOffset) {
        this(sequence, lastOffset, false);
    }
}
