package io.bowstring.client;

/**
 * A batch is in its topic: in the server's memory, and nowhere else. Immutable.
 *
 * @param sequence the number that the publisher gave the batch
 * @param lastOffset of the newest batch of this publisher that was in the topic when the server said so, at least this one's;
 *     {@link #UNKNOWN} where a connection was lost and the next one found the batch there
 */
public record Receipt(long sequence, long lastOffset) {
    /** In the place of an offset. */
    public static final long UNKNOWN = -1;
}
