package io.bowstring.server;

import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of the log that peers bring about: some at once and one more each second, and else only how many there were. So
 * nobody fills a disk with them, and nobody's text looks like a line of its own.
 *
 * <p>Thread-safe, by a lock that is taken for a line.
 */
final class PeerLog {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLog.class);

    // Of all servers in the process, as the log is.

    /** Connections that are one too many. */
    static final PeerLog CONNECTIONS = new PeerLog(System::nanoTime, LOG::warn);

    /** Requests that are refused. */
    static final PeerLog REFUSALS = new PeerLog(System::nanoTime, LOG::info);

    /** Replies that are broken off. */
    static final PeerLog CUTS = new PeerLog(System::nanoTime, LOG::info);

    /** Faults of the server. */
    static final PeerLog FAULTS = new PeerLog(System::nanoTime, LOG::error);

    static final int LINES_AT_ONCE = 10;

    /** Controls, format characters and separators of lines, in what peers have sent. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanoClock;
    private final BiConsumer<String, @Nullable Throwable> lines;

    // Guarded by this.
    private long paidNanos;
    private int room = LINES_AT_ONCE;
    private long unlogged;

    /**
     * Creates a log.
     *
     * @param lines takes each line, and the fault that it is of
     */
    PeerLog(LongSupplier nanoClock, BiConsumer<String, @Nullable Throwable> lines) {
        this.nanoClock = nanoClock;
        this.lines = lines;
        this.paidNanos = nanoClock.getAsLong();
    }

    void say(String line) {
        say(line, null);
    }

    synchronized void say(String line, @Nullable Throwable fault) {
        long seconds = (nanoClock.getAsLong() - paidNanos) / SECOND_NANOS;
        paidNanos += seconds * SECOND_NANOS;
        room = (int) Math.min(LINES_AT_ONCE, room + seconds);
        if (room == 0) {
            unlogged++;
            return;
        }
        room--;
        String plain = INVISIBLE.matcher(line).replaceAll("·");
        lines.accept(unlogged == 0 ? plain : plain + "; and " + unlogged + " more before", fault);
        unlogged = 0;
    }
}
