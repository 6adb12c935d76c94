package io.bowstring.storage;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of one topic's log one at a time, in the order in which they are handed in, on threads that it shares with other logs:
 * each task may wait for the disk. Thread-safe.
 */
final class LogLine implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(LogLine.class);

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
        AtomicBoolean isClaimed = new AtomicBoolean();
        try {
            handOver(isClaimed);
        } catch (RuntimeException | Error e) {
            if (isClaimed.compareAndSet(false, true)) {
                synchronized (this) {
                    isRunning = false;
                }
                throw e;
            }
        }
    }

    /** Has a thread run the tasks, whatever it does where it throws: the first to claim them runs them. */
    private void handOver(AtomicBoolean isClaimed) {
        threads.execute(() -> {
            if (isClaimed.compareAndSet(false, true)) {
                run();
            }
        });
    }

    private void run() {
        int left = TASKS_PER_TURN;
        do {
            runTask();
            left--;
        } while (hasNext() && (left > 0 || !tryHandOver()));
    }

    private void runTask() {
        Runnable task;
        synchronized (this) {
            task = tasks.remove();
        }
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a task of a log has failed", e);
        }
    }

    private synchronized boolean hasNext() {
        isRunning = !tasks.isEmpty();
        return isRunning;
    }

    /** Returns whether another thread runs the rest; not where the storage is being closed, or there is no memory for that. */
    private boolean tryHandOver() {
        AtomicBoolean isClaimed = new AtomicBoolean();
        try {
            handOver(isClaimed);
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            return !isClaimed.compareAndSet(false, true);
        }
    }
}
