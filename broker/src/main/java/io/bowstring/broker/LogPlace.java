package io.bowstring.broker;

import org.jspecify.annotations.Nullable;

/**
 * A place between two entries of a log: what a cursor rests on. It knows what comes after it and nothing of what was
 * before, so that a cursor keeps nothing of the past alive.
 *
 * <p>Thread-safe: written once by the topic's loop, read by any.
 */
final class LogPlace {
    private volatile @Nullable LogEntry next;

    /** Returns the entry after this place, or null while there is none; borrowed. */
    @Nullable
    LogEntry next() {
        return next;
    }

    void setNext(LogEntry entry) {
        next = entry;
    }
}
