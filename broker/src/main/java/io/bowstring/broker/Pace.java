package io.bowstring.broker;

/**
 * How a subscription has moved on while memory was short. Time is counted in periods of the {@link Reclaimer} in which
 * memory was short; they are tenths of a second.
 *
 * <p>Confined to whoever calls {@link Relief#onPeriod}, once it has been made.
 */
final class Pace {
    /** A subscription that would send everything within this time is not stuck: ten seconds, as a peer may stand still. */
    private static final int DRAIN_PERIODS = 100;

    /** The time between two marks of the long measurement. */
    private static final int LONG_PERIODS = 100;

    /**
     * A subscription pins so much, and has come so far, at one moment.
     *
     * @param unsentBytes what waits in its sink, as the sink counts it: a little more than the frames
     * @param heldBytes what it holds of the log, as the window counts it
     * @param sentBytes what it has written less what waits; only differences have a meaning
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

    /** Moves the start of the measurement to the last mark, and sets a new mark. */
    void mark(Progress now) {
        from = mark;
        mark = now;
        if (now.period - longMark.period >= LONG_PERIODS) {
            longFrom = longMark;
            longMark = now;
        }
    }

    /**
     * Returns whether it has not sent all that it pinned at the start of the measurement, one to two seconds ago, and would
     * need more than ten seconds for what it pins now.
     */
    boolean isStuck(Progress now) {
        return isStuck(from, now);
    }

    /** Returns the same for a measurement of ten to twenty seconds. */
    boolean isStuckForLong(Progress now) {
        return isStuck(longFrom, now);
    }

    private static boolean isStuck(Progress from, Progress now) {
        long sent = now.sentBytes - from.sentBytes;
        long taken = now.takenBytes - from.takenBytes;
        if ((from.unsentBytes <= 0 || sent >= from.unsentBytes) && taken >= from.heldBytes) {
            return false;
        }
        long periods = Math.max(1, now.period - from.period);
        return sent * DRAIN_PERIODS < now.unsentBytes * periods || taken * DRAIN_PERIODS < now.heldBytes * periods;
    }
}
