package io.bowstring.broker;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A timer that runs a step in a topic's turn. Confined to that turn. */
final class TopicTimer {
    private final TopicTurn turn;
    private final Runnable step;
    private @Nullable ScheduledFuture<?> running;

    /** How often it has been started or stopped: what has been on its way since before that comes too late. */
    private long changes;

    /** Creates a timer that does not run. */
    TopicTimer(TopicTurn turn, Runnable step) {
        this.turn = turn;
        this.step = step;
    }

    boolean isRunning() {
        return running != null;
    }

    /** Runs the step once after a time, unless the timer is stopped or started again before. */
    void start(long delayNanos) {
        stop();
        long started = changes;
        running = Steps.schedule(turn.loop(), () -> onTimer(() -> onTime(started)), delayNanos);
    }

    /** Runs on the loop; tries again where there is no memory for a task. */
    private void onTimer(Runnable onTime) {
        try {
            turn.execute(onTime);
        } catch (OutOfMemoryError e) {
            Steps.schedule(turn.loop(), () -> onTimer(onTime), Steps.RETRY_NANOS);
        }
    }

    private void onTime(long started) {
        if (changes == started) {
            running = null;
            step.run();
        }
    }

    void stop() {
        changes++;
        ScheduledFuture<?> stopped = running;
        running = null;
        if (stopped != null) {
            try {
                stopped.cancel(false);
            } catch (RejectedExecutionException e) {
                // The loop takes no task, to forget the timer either: it will come too late.
            }
        }
    }
}
