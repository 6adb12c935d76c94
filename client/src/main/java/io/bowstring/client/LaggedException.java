package io.bowstring.client;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.TopicName;

/**
 * A subscription that may not miss batches was too slow, and those that come next for it are gone. To continue with what is
 * left, subscribe again from {@link #firstOffset}. Immutable.
 */
public final class LaggedException extends RefusedException {
    private static final long serialVersionUID = 1L;

    private final long firstOffset;
    private final long lostBatches;

    LaggedException(TopicName topic, long nextOffset, long firstOffset) {
        super(new Refusal(
                ErrorCode.LAGGED.name(),
                "offset: " + nextOffset + " (expected: at least " + firstOffset + ", what topic " + topic
                        + " retains); " + (firstOffset - nextOffset) + " batches are lost"));
        this.firstOffset = firstOffset;
        this.lostBatches = firstOffset - nextOffset;
    }

    /** Returns the offset of the earliest batch that the topic had when this was found out. */
    public long firstOffset() {
        return firstOffset;
    }

    /** Returns how many batches are gone after the last one that came. */
    public long lostBatches() {
        return lostBatches;
    }
}
