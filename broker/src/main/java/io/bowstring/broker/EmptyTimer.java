package io.bowstring.broker;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has a topic go that nobody attends and that has had nothing to keep for a time. It looks once in that time, so that the
 * topic may stay for twice as long. Confined to the topic's loop.
 */
final class EmptyTimer {
    private final EventExecutor loop;
    private final long ageNanos;
    private final BooleanSupplier isEmpty;
    private final Runnable onOld;
    private @Nullable ScheduledFuture<?> timer;
    private boolean wasEmpty;

    /**
     * Creates a timer that does not run.
     *
     * @param isEmpty whether the topic has nothing to keep
     * @param onOld runs when that was so for the time, and nobody has come
     */
    EmptyTimer(EventExecutor loop, Duration age, BooleanSupplier isEmpty, Runnable onOld) {
        this.loop = loop;
        this.ageNanos = LoopClock.toNanos(age);
        this.isEmpty = isEmpty;
        this.onOld = onOld;
    }

    /** The last party of the topic has left. */
    void start() {
        stop();
        wasEmpty = isEmpty.getAsBoolean();
        timer = loop.schedule(this::onTime, ageNanos, TimeUnit.NANOSECONDS);
    }

    private void onTime() {
        timer = null;
        if (wasEmpty && isEmpty.getAsBoolean()) {
            onOld.run();
        } else {
            start();
        }
    }

    /** Somebody has come, or the topic is gone. */
    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
