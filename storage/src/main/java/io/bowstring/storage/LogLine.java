package io.bowstring.storage;

import io.bowstring.broker.ClaimableTask;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs the tasks of one topic's log one at a time, in the order in which they are handed in, on threads that it shares with other logs:
 * each task may wait for the disk. Thread-safe.
 */
final class LogLine implements Executor {
    /** Each may write a group of batches; then other logs have their turn. */
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

    /**
     * Runs a task some time; it throws nothing. Where there is no thread for it, this throws, and the next task runs it as well.
     *
     * @throws RejectedExecutionException where the storage is closed
     */
    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (isRunning) {
                return;
            }
            isRunning = true;
        }
        try {
            ClaimableTask.execute(threads, this::run);
        } catch (RuntimeException | Error e) {
            setIdle();
            throw e;
        }
    }

    private synchronized void setIdle() {
        isRunning = false;
    }

    private void run() {
        int left = TASKS_PER_TURN;
        boolean isMine = true;
        while (isMine) {
            boolean isDone = false;
            try {
                nextTask().run();
                isDone = true;
            } finally {
                left--;
                isMine = hasNext() && !((left <= 0 || !isDone) && tryHandOver());
                if (isMine && !isDone) {
                    setIdle(); // the next task runs those before it as well
                }
            }
        }
    }

    private synchronized Runnable nextTask() {
        return tasks.remove();
    }

    private synchronized boolean hasNext() {
        isRunning = !tasks.isEmpty();
        return isRunning;
    }

    /** Returns whether another thread runs the rest; not where the storage is being closed, or there is no memory for that. */
    private boolean tryHandOver() {
        try {
            ClaimableTask.execute(threads, this::run);
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            return false;
        }
    }
}
