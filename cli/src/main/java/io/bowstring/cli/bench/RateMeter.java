package io.bowstring.cli.bench;

/**
 * How often something is done that takes time: how many follow the first one, in the time from when that began to when the last
 * ended. Confined to one thread at a time.
 */
final class RateMeter {
    private static final double NANOS_PER_SECOND = 1e9;

    private boolean hasFirst;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;
    private long following;

    /** It has been done. */
    void add(long beginNanos, long endNanos) {
        if (hasFirst) {
            following++;
        }
        hasFirst = true;
        firstNanos = Math.min(firstNanos, beginNanos);
        lastNanos = Math.max(lastNanos, endNanos);
    }

    /** Adds what was done elsewhere meanwhile. */
    void add(RateMeter other) {
        following += other.following + (hasFirst && other.hasFirst ? 1 : 0);
        hasFirst |= other.hasFirst;
        firstNanos = Math.min(firstNanos, other.firstNanos);
        lastNanos = Math.max(lastNanos, other.lastNanos);
    }

    /** Returns how often per second; 0 where it was done less than twice. */
    double perSecond() {
        return following == 0 || lastNanos == firstNanos
                ? 0
                : following / ((lastNanos - firstNanos) / NANOS_PER_SECOND);
    }
}
