package io.bowstring.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A line on a terminal that is rewritten at most five times per second; nothing elsewhere. Confined to the caller's thread. */
final class StatusLine {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean isTerminal;
    private final LongSupplier nanoClock;
    private long shownNanos;

    StatusLine(PrintWriter err, boolean isTerminal, LongSupplier nanoClock) {
        this.err = err;
        this.isTerminal = isTerminal;
        this.nanoClock = nanoClock;
        this.shownNanos = nanoClock.getAsLong();
    }

    /** May rewrite the line. */
    void show(Supplier<String> text) {
        if (!isTerminal) {
            return;
        }
        long now = nanoClock.getAsLong();
        if (now - shownNanos >= INTERVAL_NANOS) {
            shownNanos = now;
            err.print(ERASE_LINE + text.get());
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
}
