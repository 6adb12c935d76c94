package io.bowstring.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Counts what has been moved; on a terminal it shows that in a {@link StatusLine}. Confined to the caller's thread. */
final class Progress {
    private static final double BYTES_PER_MIB = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;

    private final StatusLine line;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private long batches;
    private long rows;
    private long bytes;

    Progress(PrintWriter err, boolean isTerminal, LongSupplier nanoClock) {
        this.line = new StatusLine(err, isTerminal, nanoClock);
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    /** Counts a batch and may rewrite the line. */
    void add(long batchRows, long batchBytes) {
        batches++;
        rows += batchRows;
        bytes += batchBytes;
        line.show(this::summary);
    }

    /** Removes the line, so that something else can be written. */
    void clear() {
        line.clear();
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
        double seconds = Math.max(1, nanoClock.getAsLong() - startNanos) / NANOS_PER_SECOND;
        double mebibytes = bytes / BYTES_PER_MIB;
        return String.format(
                Locale.ROOT, "%s, %,.1f MiB in %.1f s, %,.1f MiB/s", amount(), mebibytes, seconds, mebibytes / seconds);
    }
}
