package io.bowstring.client;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** When the next attempt to connect is made, and when no more are. Confined to one event loop. */
final class Backoff {
    /** There is no next attempt. */
    static final long GIVE_UP = -1;

    private final ReconnectConfig config;
    private final LongSupplier nanoClock;
    private long delayMillis;
    private long lostAtNanos;
    private boolean isPaused;
    private long pausedAtNanos;

    Backoff(ReconnectConfig config, LongSupplier nanoClock) {
        this.config = config;
        this.nanoClock = nanoClock;
    }

    /** Returns how long to wait before the next attempt; {@link #GIVE_UP} where there is none. */
    long nextDelayMillis() {
        long now = nanoClock.getAsLong();
        if (delayMillis == 0) {
            delayMillis = config.firstDelay().toMillis();
            lostAtNanos = now;
        } else {
            delayMillis = Math.min(2 * delayMillis, config.maxDelay().toMillis());
            lostAtNanos += isPaused ? now - pausedAtNanos : 0;
        }
        isPaused = false;
        long chosen = delayMillis - ThreadLocalRandom.current().nextLong(delayMillis / 2 + 1);
        long waitedMillis = TimeUnit.NANOSECONDS.toMillis(now - lostAtNanos);
        boolean isOver =
                !config.isOn() || waitedMillis + chosen > config.giveUpAfter().toMillis();
        return isOver ? GIVE_UP : chosen;
    }

    /** A connection is there, but nothing has come over it yet: until it is lost, time does not count. */
    void pause() {
        isPaused = true;
        pausedAtNanos = nanoClock.getAsLong();
    }

    /** The connection was as good as none: the time since it was there counts. */
    void onMute() {
        isPaused = false;
    }

    /** What the connection is for continues: the next loss is a new one. */
    void reset() {
        delayMillis = 0;
    }
}
