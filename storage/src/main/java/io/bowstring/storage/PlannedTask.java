package io.bowstring.storage;

import java.time.Duration;

/** A task of a log that runs on its line after a time, once, however often it is planned before. Confined to the line. */
final class PlannedTask {
    private final StorageThreads threads;
    private final LogLine line;
    private final Runnable task;
    private boolean isPlanned;

    PlannedTask(StorageThreads threads, LogLine line, Runnable task) {
        this.threads = threads;
        this.line = line;
        this.task = task;
    }

    /** Has the task run after a time, unless it is planned already; never, where the storage is closed before. */
    void plan(Duration delay) {
        if (!isPlanned) {
            isPlanned = true;
            threads.schedule(() -> line.execute(this::run), delay);
        }
    }

    private void run() {
        isPlanned = false; // first: the task may plan itself again
        task.run();
    }
}
