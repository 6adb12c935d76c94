package io.bowstring.client;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;

/** Waits for threads, without sleeping. Not instantiable. */
final class Threads {
    private Threads() {}

    /** Runs a task on a thread of its own, which is returned when it waits for something. */
    static Thread startAndAwaitBlocked(Runnable task) {
        Thread thread = new Thread(task, "blocked");
        thread.setDaemon(true);
        thread.start();
        await(() -> switch (thread.getState()) {
            case WAITING, TIMED_WAITING -> true;
            case TERMINATED -> throw new AssertionError("it has not waited");
            case NEW, RUNNABLE, BLOCKED -> false;
        });
        return thread;
    }

    /** Runs a task on a thread of its own. */
    static <T> FutureTask<T> run(Callable<T> task) {
        FutureTask<T> running = new FutureTask<>(task);
        Thread thread = new Thread(running, "runner");
        thread.setDaemon(true);
        thread.start();
        return running;
    }

    /** Waits until something holds; the test's timeout ends that. */
    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted");
            }
            Thread.onSpinWait();
        }
    }

    /** Runs what is to wait for nothing, and may say that batches are not acknowledged. */
    static void interrupted(Runnable task) {
        Thread.currentThread().interrupt();
        try {
            task.run();
        } catch (ClientException e) {
            // As said.
        } finally {
            Thread.interrupted();
        }
    }
}
