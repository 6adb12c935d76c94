package io.bowstring.cli.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * When the batches of one publisher are due. That does not depend on when the batches before were sent: where a publisher is held
 * up, what was due meanwhile is due still, and is sent at once. So the time of batches that wait is measured, and not
 * omitted. Without a rate a batch is due when its publisher is ready for it.
 *
 * <p>Confined to one thread.
 */
final class Schedule {
    /** The time of the next batch if there is none. */
    static final long NEVER = Long.MAX_VALUE;

    /** How much later than asked for a thread wakes up, about. */
    private static final long WAKE_UP_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

    /** A thread does not sleep for less than this. */
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

    private static final long MAX_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Period period;
    private final double intervalNanos;
    private final double offsetNanos;
    private final LongSupplier clock;
    private final BooleanSupplier isStopped;
    private long index;

    private Schedule(
            Period period, double intervalNanos, double offsetNanos, LongSupplier clock, BooleanSupplier isStopped) {
        this.period = period;
        this.intervalNanos = intervalNanos;
        this.offsetNanos = offsetNanos;
        this.clock = clock;
        this.isStopped = isStopped;
    }

    /**
     * Returns the schedule of one of some publishers, which take turns.
     *
     * @param clock nanoseconds since the epoch
     * @param isStopped asked before each batch; no more are due then
     */
    static Schedule of(BenchPlan plan, int publisher, Period period, LongSupplier clock, BooleanSupplier isStopped) {
        double interval = plan.targetRate().intervalNanos();
        return new Schedule(period, interval * plan.parties().publishers(), interval * publisher, clock, isStopped);
    }

    /** Waits until the next batch is due; returns since when it is, or {@link #NEVER}. */
    long awaitNext() throws InterruptedException {
        long now = clock.getAsLong();
        long due = due(now);
        if (due >= period.endNanos() || now >= period.giveUpNanos()) {
            return NEVER;
        }
        while (now < due && !isStopped.getAsBoolean()) {
            pause(due - now);
            now = clock.getAsLong();
        }
        index++;
        return isStopped.getAsBoolean() ? NEVER : due;
    }

    private long due(long now) {
        if (intervalNanos == 0) {
            return Math.max(now, period.startNanos());
        }
        return period.startNanos() + (long) (offsetNanos + index * intervalNanos);
    }

    private static void pause(long nanos) throws InterruptedException {
        if (nanos <= SPIN_NANOS) {
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(Math.max(1, Math.min(nanos, MAX_SLEEP_NANOS) - WAKE_UP_NANOS));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
