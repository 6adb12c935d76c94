package io.bowstring.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The threads of one half of a load, daemons. Confined to the thread that starts them. */
final class LoadThreads {
    private final List<FutureTask<Void>> tasks = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    void start(String name, Callable<Void> load) {
        FutureTask<Void> task = new FutureTask<>(load);
        Thread thread = new Thread(task, "bowstring-bench-" + name);
        thread.setDaemon(true);
        tasks.add(task);
        threads.add(thread);
        thread.start();
    }

    /** Returns whether all have ended; throws what one has thrown. */
    boolean areDone() throws InterruptedException {
        boolean areDone = true;
        for (FutureTask<Void> task : tasks) {
            if (task.isDone()) {
                requireSuccess(task);
            } else {
                areDone = false;
            }
        }
        return areDone;
    }

    private static void requireSuccess(FutureTask<Void> task) throws InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Makes all end, however far they are, and waits for that. */
    void stop() {
        threads.forEach(Thread::interrupt);
        boolean isInterrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
