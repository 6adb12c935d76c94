package io.bowstring.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Runs tasks on an executor in the order in which they are handed in, although the executor may take one late or run them in
 * another order. Thread-safe.
 */
final class TaskLine {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Executor executor;
    private final Runnable next = this::runNext;

    /**
     * Creates a line in which nobody waits.
     *
     * @param executor runs each task at some time, one at a time, in any order
     */
    TaskLine(Executor executor) {
        this.executor = executor;
    }

    void execute(Runnable task) {
        tasks.add(task);
        try {
            executor.execute(next);
        } catch (RuntimeException | Error e) { // there is nobody to run it
            tasks.remove(task);
            throw e;
        }
    }

    private void runNext() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
    }
}
