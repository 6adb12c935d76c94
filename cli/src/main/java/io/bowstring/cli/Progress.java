package io.bowstring.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts what has been moved; on a terminal it shows that in a line which is rewritten at most five times per
 * second. Confined to the caller's thread.
 */
final class Progress {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double BYTES_PER_MIB = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean isTerminal;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private long shownNanos;
    private long batches;
    private long rows;
    private long bytes;

    Progress(PrintWriter err, boolean isTerminal, LongSupplier nanoClock) {
        this.err = err;
        this.isTerminal = isTerminal;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
        this.shownNanos = startNanos;
    }

    /** Counts a batch and may rewrite the line. */
    void add(long batchRows, long batchBytes) {
        batches++;
        rows += batchRows;
        bytes += batchBytes;
        long now = nanoClock.getAsLong();
        if (isTerminal && now - shownNanos >= INTERVAL_NANOS) {
            shownNanos = now;
            err.print(ERASE_LINE + counts(now));
            err.flush();
        }
    }

    /** Removes the line, so that something else can be written. */
    void clear() {
        if (isTerminal) {
            err.print(ERASE_LINE);
            err.flush();
        }
    }

    /** Returns how many batches were counted. */
    long batches() {
        return batches;
    }

    /** Returns how many batches and rows were counted, as text. */
    String amount() {
        return String.format(Locale.ROOT, "%,d batches, %,d rows", batches, rows);
    }

    /** Returns the counts as text: batches, rows, bytes, time, speed. */
    String summary() {
        return counts(nanoClock.getAsLong());
    }

    private String counts(long nowNanos) {
        double seconds = Math.max(1, nowNanos - startNanos) / NANOS_PER_SECOND;
        double mebibytes = bytes / BYTES_PER_MIB;
        return String.format(
                Locale.ROOT, "%s, %,.1f MiB in %.1f s, %,.1f MiB/s", amount(), mebibytes, seconds, mebibytes / seconds);
    }
}
