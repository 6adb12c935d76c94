package io.bowstring.broker;

/**
 * How fast a subscription has moved on in the last one to two seconds in which memory was short. Time is counted in periods
 * of the {@link Reclaimer}, which are tenths of a second.
 *
 * <p>Confined to whoever calls {@link Relief#onPeriod}, once it has been made.
 */
final class Pace {
    /** What would be free in this time is not pinned: as long as a peer may stand still by default. */
    private static final int DRAIN_PERIODS = 100;

    /**
     * How far a subscription has come.
     *
     * @param sentBytes what has left its sink, in frames
     * @param takenBytes what it has taken of the log, as the window counts it
     */
    record Progress(long period, long sentBytes, long takenBytes) {}

    private Progress from;
    private Progress mark;

    /** Creates the pace of a subscription that begins in a period. */
    Pace(long period) {
        from = new Progress(period, 0, 0);
        mark = from;
    }

    /** Measures from the last mark from now on, and marks how far the subscription has come. */
    void mark(Progress now) {
        from = mark;
        mark = now;
    }

    /**
     * Returns whether what the subscription pins will soon be free, where it goes on like this.
     *
     * @param pendingBytes what waits in its sink, in frames
     * @param heldBytes what it holds of the log, as the window counts it
     */
    boolean drains(long pendingBytes, long heldBytes, Progress now) {
        long periods = Math.max(1, now.period - from.period);
        return (now.sentBytes - from.sentBytes) * DRAIN_PERIODS >= pendingBytes * periods
                && (now.takenBytes - from.takenBytes) * DRAIN_PERIODS >= heldBytes * periods;
    }
}
