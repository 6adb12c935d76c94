package io.bowstring.server;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How many connections may be accepted in one second. The more a source has had in this second and the one before, the
 * fewer are for it, down to one half: whoever connects in a loop leaves room for others, and those who do it from many
 * sources leave room for one that comes for the first time.
 *
 * <p>Holds an entry for each source that has been let in lately: at most two for each connection of a second. Confined to
 * its owner's lock.
 */
final class AcceptRate {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A source that has had one in so many of those of a second has no more than the half. */
    private static final int FEW = 50;

    private final int maxPerSecond;
    private final int few;
    private Map<ConnectionSource, Integer> before = new HashMap<>();
    private Map<ConnectionSource, Integer> now = new HashMap<>();
    private long sinceNanos;
    private int accepted;

    AcceptRate(int maxPerSecond, long nowNanos) {
        this.maxPerSecond = maxPerSecond;
        this.few = Math.max(1, maxPerSecond / FEW);
        this.sinceNanos = nowNanos;
    }

    /**
     * Counts a connection, unless it is one too many.
     *
     * @return whether it is counted
     */
    boolean tryAccept(ConnectionSource source, long nowNanos) {
        turn(nowNanos);
        int ofSource = now.getOrDefault(source, 0);
        if (accepted >= room(ofSource + before.getOrDefault(source, 0))) {
            return false;
        }
        accepted++;
        now.put(source, ofSource + 1);
        return true;
    }

    /** Returns how many may have been accepted at most where one more is, of a source that has had some. */
    private long room(int had) {
        return maxPerSecond - (long) (maxPerSecond / 2) * Math.min(had, few) / few;
    }

    private void turn(long nowNanos) {
        long passedNanos = nowNanos - sinceNanos;
        if (passedNanos >= SECOND_NANOS) {
            before = passedNanos < 2 * SECOND_NANOS ? now : new HashMap<>();
            now = new HashMap<>();
            sinceNanos = nowNanos;
            accepted = 0;
        }
    }

    /** Returns how many entries there are. */
    int sources() {
        return before.size() + now.size();
    }
}
