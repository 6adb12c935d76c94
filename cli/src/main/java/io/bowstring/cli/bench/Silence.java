package io.bowstring.cli.bench;

import java.time.Duration;

/** Notices that nothing has come for some time. Confined to one thread. */
final class Silence {
    private final long maxNanos;
    private long sinceNanos = System.nanoTime();
    private long count = -1;

    Silence(Duration max) {
        this.maxNanos = max.toNanos();
    }

    /** Returns whether that is so; so much has come until now. */
    boolean isLong(long counted) {
        long now = System.nanoTime();
        if (counted != count) {
            count = counted;
            sinceNanos = now;
        }
        return now - sinceNanos > maxNanos;
    }
}
