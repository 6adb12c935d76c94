package io.bowstring.server;

import io.bowstring.protocol.ErrorCode;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/**
 * The lines about connections that are cut: some in each second, and then only how many there were. Where memory is
 * short, or a topic leaves many subscribers behind, many are cut at once, and that must not become a flood of lines.
 *
 * <p>Thread-safe, by a lock that is taken when a connection is cut.
 */
final class CutLog {
    /** Of all servers in the process, as the log is. */
    static final CutLog SHARED = new CutLog(System::nanoTime, LoggerFactory.getLogger(CutLog.class)::info);

    static final int LINES_PER_SECOND = 10;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanoClock;
    private final Consumer<String> lines;

    // Guarded by this.
    private long secondNanos;
    private int linesInSecond;
    private long unlogged;

    /**
     * Creates a log.
     *
     * @param lines takes each line
     */
    CutLog(LongSupplier nanoClock, Consumer<String> lines) {
        this.nanoClock = nanoClock;
        this.lines = lines;
        this.secondNanos = nanoClock.getAsLong();
    }

    /** A peer has been cut. */
    synchronized void onCut(String peer, ErrorCode code, String why) {
        long now = nanoClock.getAsLong();
        if (now - secondNanos >= SECOND_NANOS) {
            secondNanos = now;
            linesInSecond = 0;
        }
        if (linesInSecond == LINES_PER_SECOND) {
            unlogged++;
            return;
        }
        linesInSecond++;
        String line = peer + " cut: " + code + ": " + why;
        lines.accept(unlogged == 0 ? line : line + "; and " + unlogged + " more before");
        unlogged = 0;
    }
}
