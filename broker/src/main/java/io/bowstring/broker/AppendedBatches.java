package io.bowstring.broker;

/** Which batches of a publication are in its topic, and which of them have been told. Confined to the topic's turn. */
final class AppendedBatches {
    /** Hears of batches of which each stands right after the one before it, unless the topic had them before. */
    interface Listener {
        /**
         * Batches are in the topic.
         *
         * @param batches how many of this publication so far
         * @param lastOffset of the last of them that was appended
         */
        void onAppended(long batches, long lastOffset);
    }

    private final Listener listener;
    private long batches;
    private long lastOffset;
    private long toldBatches;

    AppendedBatches(Listener listener) {
        this.listener = listener;
    }

    /** So many more batches are in the topic; {@code offset} is that of the last that was appended. */
    void add(int count, long offset) {
        if (offset != lastOffset + count) {
            tell();
        }
        batches += count;
        lastOffset = offset;
    }

    /** Tells of those that have not been told yet: once for many. */
    void tell() {
        if (batches > toldBatches) {
            toldBatches = batches;
            listener.onAppended(batches, lastOffset);
        }
    }
}
