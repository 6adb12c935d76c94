package io.bowstring.broker;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Has a topic go that nobody attends and that has had nothing to keep for a time. It looks once in that time, so that the
 * topic may stay for twice as long. Confined to the topic's turn.
 */
final class EmptyTimer {
    private final long ageNanos;
    private final BooleanSupplier isEmpty;
    private final Runnable onOld;
    private final TopicTimer timer;
    private boolean wasEmpty;

    /**
     * Creates a timer that does not run.
     *
     * @param isEmpty whether the topic has nothing to keep
     * @param onOld runs when that was so for the time, and nobody has come
     */
    EmptyTimer(TopicTurn turn, Duration age, BooleanSupplier isEmpty, Runnable onOld) {
        this.timer = new TopicTimer(turn, this::onTime);
        this.ageNanos = LoopClock.toNanos(age);
        this.isEmpty = isEmpty;
        this.onOld = onOld;
    }

    /** The last party of the topic has left. */
    void start() {
        wasEmpty = isEmpty.getAsBoolean();
        timer.start(ageNanos);
    }

    private void onTime() {
        if (wasEmpty && isEmpty.getAsBoolean()) {
            onOld.run();
        } else {
            start();
        }
    }

    /** Somebody has come, or the topic is gone. */
    void stop() {
        timer.stop();
    }
}
