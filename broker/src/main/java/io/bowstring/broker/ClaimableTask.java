package io.bowstring.broker;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A task that runs once, or never: whoever claims it first decides. An executor may keep a task for which it then has no thread, and run
 * it later although it has thrown. Thread-safe.
 */
public final class ClaimableTask implements Runnable {
    private final Runnable task;
    private final AtomicBoolean isClaimed = new AtomicBoolean();

    private ClaimableTask(Runnable task) {
        this.task = task;
    }

    /**
     * Has an executor run a task some time. Does not block, unless the executor does.
     *
     * @throws java.util.concurrent.RejectedExecutionException or whatever else the executor throws: then the task never runs, whatever
     *     the executor has done with it
     */
    public static void execute(Executor executor, Runnable task) {
        ClaimableTask claimable = new ClaimableTask(task);
        try {
            executor.execute(claimable);
        } catch (RuntimeException | Error e) {
            if (claimable.tryClaim()) {
                throw e;
            }
        }
    }

    private boolean tryClaim() {
        return isClaimed.compareAndSet(false, true);
    }

    @Override
    public void run() {
        if (tryClaim()) {
            task.run();
        }
    }
}
