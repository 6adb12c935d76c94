package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a lane: each publisher sends {@code count} batches, as fast as it can or each at its due time. A delay begins when
 * the batch is due, also if its publisher sends it late, so that no delay is omitted.
 *
 * <p>Thread-safe; used once.
 */
final class Turn {
    /** A thread does not sleep for less: it may wake up that much late. */
    private static final long MIN_WAIT_NANOS = 20_000;

    private static final long MAX_DELAY_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int DIGITS = 3;

    private final Shape shape;
    private final int count;

    private final double batchesPerSecond;

    /** Null: no batch waits for its time. */
    private final @Nullable Histogram delayNanos;

    private volatile long startNanos;

    private Turn(Shape shape, int count, double batchesPerSecond) {
        this.shape = shape;
        this.count = count;
        this.batchesPerSecond = batchesPerSecond;
        this.delayNanos = batchesPerSecond > 0 ? new ConcurrentHistogram(MAX_DELAY_NANOS, DIGITS) : null;
    }

    /** As fast as it can. */
    static Turn fast(Shape shape, int count) {
        return new Turn(shape, count, 0);
    }

    /**
     * At a rate. There is one publisher, so that the order of a subscriber's batches tells which is which.
     *
     * @param batchesPerSecond of the publisher
     */
    static Turn paced(Shape shape, int count, double batchesPerSecond) {
        if (shape.allPublishers() != 1 || !(batchesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "turn: " + shape + " at " + batchesPerSecond + "/s (expected: one publisher, > 0/s)");
        }
        return new Turn(shape, count, batchesPerSecond);
    }

    Shape shape() {
        return shape;
    }

    /** Returns how many batches each publisher publishes. */
    int count() {
        return count;
    }

    /** Returns how many batches each subscriber gets. */
    int expected() {
        return Math.multiplyExact(count, shape.publishers());
    }

    /** Returns the length of a body of a publisher; every other batch is a row shorter, so that none is like the one before. */
    long bodyBytes(int batch) {
        return (Streams.rows(shape.bodyBytes()) - batch % 2) * Streams.ROW_BYTES;
    }

    /** Returns the length of all bodies that each subscriber gets. */
    long expectedBodyBytes() {
        return shape.publishers() * ((count + 1L) / 2 * bodyBytes(0) + count / 2L * bodyBytes(1));
    }

    /** Begins the schedule, and returns when that was. */
    long begin() {
        startNanos = System.nanoTime();
        return startNanos;
    }

    /** Returns how many of a publisher's batches are due; blocks until these are more than it has sent. */
    int awaitDue(int sent) {
        if (delayNanos == null) {
            return count;
        }
        long wait = dueNanos(sent) - System.nanoTime();
        while (wait > MIN_WAIT_NANOS) {
            LockSupport.parkNanos(wait);
            if (Thread.interrupted()) {
                throw new IllegalStateException("interrupted");
            }
            wait = dueNanos(sent) - System.nanoTime();
        }
        double due = (System.nanoTime() - startNanos) / 1e9 * batchesPerSecond;
        return Math.max(sent + 1, (int) Math.min(count, due + 1));
    }

    private long dueNanos(int batch) {
        return startNanos + (long) (batch / batchesPerSecond * 1e9);
    }

    /** Counts what a subscriber has received: its batch of that number, from 0 on. */
    void received(int batch) {
        if (delayNanos != null) {
            long delay = System.nanoTime() - dueNanos(batch);
            delayNanos.recordValue(Math.max(0, Math.min(MAX_DELAY_NANOS, delay)));
        }
    }

    /** Returns the delays in nanoseconds; only of a turn at a rate. */
    Histogram delayNanos() {
        return Objects.requireNonNull(delayNanos, "delays of a turn at a rate");
    }
}
