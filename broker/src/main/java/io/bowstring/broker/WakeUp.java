package io.bowstring.broker;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a step on an executor some time after it was last asked to, once for all calls meanwhile. Thread-safe. */
final class WakeUp {
    private final Executor executor;
    private final Runnable step;
    private final AtomicBoolean isAsked = new AtomicBoolean();

    /**
     * Creates a wake-up that nobody has asked for.
     *
     * @param step sees all that the callers of {@link #ask} did before they asked
     */
    WakeUp(Executor executor, Runnable step) {
        this.executor = executor;
        this.step = step;
    }

    void ask() {
        if (isAsked.compareAndSet(false, true)) {
            try {
                executor.execute(this::run);
            } catch (RuntimeException | Error e) {
                isAsked.set(false); // the next call tries again
                throw e;
            }
        }
    }

    private void run() {
        isAsked.set(false); // first: a later caller may have done something that the step does not see
        step.run();
    }
}
