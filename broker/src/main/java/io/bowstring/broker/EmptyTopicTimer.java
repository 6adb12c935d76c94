package io.bowstring.broker;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Tells when a topic that nobody attends has had nothing to keep for long enough. It looks only once in that time, so the topic
 * may stay for twice as long. Confined to the topic's turn.
 */
final class EmptyTopicTimer {
    private final TopicTimer timer;
    private final long ageNanos;
    private final BooleanSupplier isEmpty;
    private final Runnable onOver;

    /** Whether there was nothing to keep when the timer was started. */
    private boolean wasEmpty;

    /**
     * Creates a timer that does not run.
     *
     * @param age how long the topic stays at least
     * @param isEmpty whether there is nothing to keep
     * @param onOver runs when the topic has been empty for so long, and the timer has not been stopped
     */
    EmptyTopicTimer(TopicTurn turn, Duration age, BooleanSupplier isEmpty, Runnable onOver) {
        this.timer = new TopicTimer(turn, this::onTime);
        this.ageNanos = TopicTurn.toNanos(age);
        this.isEmpty = isEmpty;
        this.onOver = onOver;
    }

    /** Nobody attends the topic from now on. */
    void start() {
        wasEmpty = isEmpty.getAsBoolean();
        timer.start(ageNanos);
    }

    private void onTime() {
        if (wasEmpty && isEmpty.getAsBoolean()) {
            onOver.run();
        } else {
            start();
        }
    }

    /** Somebody attends the topic again, or it is no more. */
    void stop() {
        timer.stop();
    }
}
