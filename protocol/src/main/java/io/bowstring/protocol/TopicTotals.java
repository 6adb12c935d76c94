package io.bowstring.protocol;

/**
 * What has passed through a topic since it began, as far as its server knows: the last columns of a {@link TopicStatus}.
 * Immutable.
 *
 * @param appendedBatches batches that were appended
 * @param appendedRows their rows
 * @param appendedBytes their bytes as they were received
 * @param deliveredBatches batches that were handed to subscribers, once for each of them
 * @param deliveredBytes bytes of these as they are sent, dictionaries included
 * @param gapBatches batches that subscribers missed who wanted to continue without them
 * @param cutSubscribers subscriptions that the topic has cut, above all because they lagged
 */
public record TopicTotals(
        long appendedBatches,
        long appendedRows,
        long appendedBytes,
        long deliveredBatches,
        long deliveredBytes,
        long gapBatches,
        long cutSubscribers) {
    /** Nothing so far. */
    public static final TopicTotals NONE = new TopicTotals(0, 0, 0, 0, 0, 0, 0);
}
