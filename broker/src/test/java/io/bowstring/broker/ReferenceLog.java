package io.bowstring.broker;

/** What a {@link ReferenceTopic} knows of the log beyond its memory: what has been seen of it last. Confined to the test's thread. */
final class ReferenceLog {
    private long windowFirst;
    private long committed;
    private long committedNanos;
    private long dropped;
    private long surplusBefore;

    /** Sees how far the topic's window has come. */
    void observe(TopicLog window, long nowNanos) {
        windowFirst = window.firstOffset();
        if (window.committedOffset() > committed) {
            committed = window.committedOffset();
            committedNanos = nowNanos;
        }
    }

    /** Returns whether all has been seen that the window and the log have done. */
    boolean isSeen(TopicLog window, FakeLog log) {
        return windowFirst == window.firstOffset()
                && committed == window.committedOffset()
                && dropped == log.extent().firstOffset();
    }

    /** The log has dropped what is before an offset. */
    void setDropped(long before) {
        dropped = before;
    }

    /** The log wants to drop what is before an offset. */
    void setSurplus(long before) {
        surplusBefore = before;
    }

    /** Returns the offset of the oldest batch in memory. */
    long windowFirst() {
        return windowFirst;
    }

    /** Returns the offset of the first batch that nobody may read yet. */
    long committed() {
        return committed;
    }

    /** Returns when that was less. */
    long committedNanos() {
        return committedNanos;
    }

    /** Returns the offset of the oldest batch that the log has. */
    long dropped() {
        return dropped;
    }

    long surplusBefore() {
        return surplusBefore;
    }

    @Override
    public String toString() {
        return dropped + ".." + committed + ", surplus " + surplusBefore;
    }
}
