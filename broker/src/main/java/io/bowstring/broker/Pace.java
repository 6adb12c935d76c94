package io.bowstring.broker;

/**
 * How a subscription has moved on while memory was short. Time is counted in periods of the {@link Reclaimer} in which
 * memory was short; they are tenths of a second.
 *
 * <p>Confined to whoever calls {@link Relief#onPeriod}, once it has been made.
 */
final class Pace {
    /** What would be free in this time is not stuck: as long as a peer may stand still by default. */
    private static final int DRAIN_PERIODS = 100;

    private static final int LONG_PERIODS = 100;

    /**
     * What a subscription pins, and how far it has come.
     *
     * @param unsentBytes what waits in its sink, in frames
     * @param heldBytes what it holds of the log, as the window counts it
     * @param sentBytes what has left its sink, in frames
     * @param takenBytes what it has taken of the log, as the window counts it
     */
    record Progress(long period, long unsentBytes, long heldBytes, long sentBytes, long takenBytes) {}

    private Progress from;
    private Progress mark;
    private Progress longFrom;
    private Progress longMark;

    /** Creates the pace of a subscription that begins in a period: it pins nothing. */
    Pace(long period) {
        from = new Progress(period, 0, 0, 0, 0);
        mark = from;
        longFrom = from;
        longMark = from;
    }

    /** Measures from now on. */
    void restart(Progress now) {
        from = now;
        mark = now;
    }

    /** Measures from the last mark from now on, and sets the next. */
    void mark(Progress now) {
        from = mark;
        mark = now;
        if (now.period - longMark.period >= LONG_PERIODS) {
            longFrom = longMark;
            longMark = now;
        }
    }

    /** Returns whether something stays that was pinned at the last mark but one, and all would not soon be free. */
    boolean isStuck(Progress now) {
        return isStuck(from, now);
    }

    /** Returns the same for the last ten to twenty seconds. */
    boolean isStuckForLong(Progress now) {
        return isStuck(longFrom, now);
    }

    private static boolean isStuck(Progress from, Progress now) {
        long sent = now.sentBytes - from.sentBytes;
        long taken = now.takenBytes - from.takenBytes;
        if (sent >= from.unsentBytes && taken >= from.heldBytes) {
            return false;
        }
        long periods = Math.max(1, now.period - from.period);
        return sent * DRAIN_PERIODS < now.unsentBytes * periods || taken * DRAIN_PERIODS < now.heldBytes * periods;
    }
}
