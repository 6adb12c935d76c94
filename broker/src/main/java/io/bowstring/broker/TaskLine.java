package io.bowstring.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Runs the tasks of one thread on another, in the order in which they are handed in, also where the other takes none for a
 * while. {@link #execute} is for the one thread.
 */
final class TaskLine {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Executor executor;

    /**
     * Creates a line in which nobody waits.
     *
     * @param executor takes each task, at some time, and runs it on the other thread; in any order
     */
    TaskLine(Executor executor) {
        this.executor = executor;
    }

    void execute(Runnable task) {
        tasks.add(task);
        try {
            executor.execute(this::runNext);
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
