package io.bowstring.storage;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs the tasks of one topic's log one at a time, in the order in which they are handed in, on threads that it shares with other logs:
 * each task may wait for the disk. Thread-safe.
 */
final class LogLine implements Executor {
    /** Each may write a group of batches. */
    private static final int TASKS_PER_TURN = 8;

    private final Executor threads;

    // Guarded by this.
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean isRunning;

    /**
     * Creates a line in which nothing waits.
     *
     * @param threads run what they are handed some time, and say so where they do not
     */
    LogLine(Executor threads) {
        this.threads = threads;
    }

    /** Runs a task some time; it throws nothing. */
    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (isRunning) {
                return;
            }
            isRunning = true;
        }
        runNext();
    }

    private void runNext() {
        try {
            threads.execute(this::run);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                isRunning = false; // the next task runs those before it as well
            }
            throw e;
        }
    }

    private void runNextUnlessClosed() {
        try {
            runNext();
        } catch (RejectedExecutionException e) {
            // The storage is closed, and what is left was to look at something from time to time.
        }
    }

    private void run() {
        int turn = 1;
        while (runTask(turn == TASKS_PER_TURN)) {
            turn++;
        }
    }

    /**
     * Runs the next task.
     *
     * @param isLast whether other logs have their turn then
     * @return whether there are more, which this thread is to run
     */
    private boolean runTask(boolean isLast) {
        Runnable task;
        synchronized (this) {
            task = tasks.remove();
        }
        boolean isDone = false;
        boolean hasNext = false;
        try {
            task.run();
            isDone = true;
        } finally {
            synchronized (this) {
                hasNext = !tasks.isEmpty();
                isRunning = hasNext;
            }
            if (hasNext && (isLast || !isDone)) {
                runNextUnlessClosed();
                hasNext = false;
            }
        }
        return hasNext;
    }
}
