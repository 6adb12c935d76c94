package io.bowstring.storage;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What a log has left to do on its disk, while it writes more: segments that have ended are to be synced, and those that were dropped to
 * be deleted. One task after another, in the order in which they came; each may wait for the disk. Thread-safe.
 */
final class DiskBacklog {
    /** One thing to be done, once. */
    interface Task {
        /**
         * Does it.
         *
         * @throws IOException where nobody knows any more what is on disk: nothing that comes later is done
         */
        void run() throws IOException;

        /** Releases what it has, in place of {@link #run}: nothing of the log is needed any more. */
        void abandon();
    }

    /** Each may hold two files open, and the heap of an index. */
    private static final int MAX_TASKS = 32;

    private final Executor threads;
    private final Consumer<Throwable> onFailure;
    private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isAsked = new AtomicBoolean();
    private volatile boolean hasFailed;

    /**
     * Creates an empty backlog.
     *
     * @param threads may wait for the disk
     * @param onFailure hears, on any thread, why nothing more is done
     */
    DiskBacklog(Executor threads, Consumer<Throwable> onFailure) {
        this.threads = threads;
        this.onFailure = onFailure;
    }

    /** Adds a task, which is run some time, or by {@link #finish}. Does not block. */
    void add(Task task) {
        tasks.add(task);
        ask();
    }

    /** Has what is left done, unless that is so already. Does not block. */
    void ask() {
        if (!tasks.isEmpty() && isAsked.compareAndSet(false, true)) {
            try {
                threads.execute(this::run);
            } catch (RejectedExecutionException
                    | OutOfMemoryError e) { // asked again, or finished by whoever closes the log
                isAsked.set(false);
            }
        }
    }

    /** On one thread at a time: none waits for another. */
    private void run() {
        boolean isDone = false;
        try {
            finish();
            isDone = true;
        } catch (IOException | RuntimeException e) {
            onFailure.accept(e);
        } catch (OutOfMemoryError e) {
            // The next attempt may have more.
        } finally {
            isAsked.set(false);
            if (isDone && !tasks.isEmpty()) {
                ask(); // added just now
            }
        }
    }

    /**
     * Runs all tasks that there are, and waits for the one that another thread runs.
     *
     * @throws IOException where one fails, or has failed before
     */
    synchronized void finish() throws IOException {
        if (hasFailed) {
            throw new IOException("segment: failed before (expected: none of its syncs fails)");
        }
        for (Task task = tasks.peek(); task != null; task = tasks.peek()) {
            try {
                task.run();
            } catch (IOException | RuntimeException e) {
                hasFailed = true;
                throw e;
            }
            tasks.remove(); // last: where memory was short, it is run again
        }
    }

    /** Returns whether there is nothing left. */
    boolean isEmpty() {
        return tasks.isEmpty();
    }

    /** Returns whether so much is left that the log should wait for it. */
    boolean isFull() {
        return tasks.size() >= MAX_TASKS;
    }

    /** Returns whether nobody knows any more what is on disk. */
    boolean hasFailed() {
        return hasFailed;
    }

    /** Abandons all tasks that there are, and waits for the one that another thread runs. */
    synchronized void abandon() {
        for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
            task.abandon();
        }
    }
}
