package io.bowstring.broker;

import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * The time that a loop's timers go by: it never goes back, and whoever sets the machine's clock does not move it.
 * Immutable.
 */
final class LoopClock {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final Ticker ticker;

    LoopClock(EventExecutor loop) {
        this.ticker = loop instanceof AbstractScheduledEventExecutor own ? own.ticker() : Ticker.systemTicker();
    }

    /** Returns the time in nanoseconds; only differences have a meaning. */
    long nanos() {
        return ticker.nanoTime();
    }

    /** Returns a duration in nanoseconds; what is longer than a century is a century. */
    static long toNanos(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }
}
