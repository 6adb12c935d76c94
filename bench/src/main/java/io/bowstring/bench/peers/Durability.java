package io.bowstring.bench.peers;

import org.jspecify.annotations.Nullable;

/** Says which loads the lanes that write to disk take, and what they keep: the same for all of them. Not instantiable. */
final class Durability {
    /** So much is kept of a topic: beside other lanes it fits the page cache of 24 GiB. */
    static final long RETAINED_BYTES = 4L << 30;

    private static final int MAX_BODY_BYTES = 1 << 20;

    private Durability() {}

    /** Returns why a lane does not deliver that, or null if it does: who writes to disk is measured with one of everything. */
    static @Nullable String refusal(Shape shape) {
        if (shape.allPublishers() != 1 || shape.allSubscribers() != 1) {
            return "lanes with a disk are measured with one publisher and one subscriber";
        }
        return shape.bodyBytes() <= MAX_BODY_BYTES ? null : "lanes with a disk are measured up to 1 MiB";
    }
}
