package io.bowstring.storage;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The threads that wait for the disk: some write, others read, and one tells the time. A thread is made when there is no idle one, up to
 * a number, and goes when it has been idle for a while. None is ever interrupted: that would close files. Thread-safe.
 */
final class StorageThreads {
    /** So many logs write at the same time, and so many subscriptions read: one that waits for the disk does not stop the others. */
    private static final int THREADS = 16;

    private static final long IDLE_SECONDS = 10;

    /** So many logs sync what has ended, or delete: that hurries nobody. */
    private static final int BACKLOG_THREADS = 4;

    private final ThreadPoolExecutor writers = pool("bowstring-write", THREADS);
    private final ThreadPoolExecutor readers = pool("bowstring-read", THREADS);
    private final ThreadPoolExecutor backlogs = pool("bowstring-backlog", BACKLOG_THREADS);
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("bowstring-storage", true));
    private final ByteBufAllocator allocator;
    private final InstantSource clock;
    private volatile boolean areClosed;

    StorageThreads(ByteBufAllocator allocator, InstantSource clock) {
        this.allocator = allocator;
        this.clock = clock;
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    Executor writers() {
        return writers;
    }

    Executor readers() {
        return readers;
    }

    /** Returns what may wait long for the disk, and is waited for by whoever closes a log. */
    Executor backlogs() {
        return backlogs;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** Runs a task that does not wait after a time; never, where the storage is closed before. */
    void schedule(Runnable task, Duration delay) {
        timer.schedule(task, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
    }

    /** Runs a task that does not wait again and again, also where it throws: there may have been no memory for a thread. */
    void repeat(Runnable task, Duration period) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // The next time may do.
            }
        };
        timer.scheduleWithFixedDelay(guarded, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Stops the timer; lets the others end what they do, and waits for that, but not for longer than a time altogether.
     *
     * @return whether nothing is written any more
     */
    boolean close(Duration timeout) {
        timer.shutdown();
        writers.shutdown();
        readers.shutdown();
        backlogs.shutdown();
        try {
            awaitAll(List.of(writers, backlogs, readers), timeout, System::nanoTime);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        areClosed = true;
        return writers.isTerminated() && backlogs.isTerminated();
    }

    /**
     * Waits until threads have ended, for no longer than a time altogether; for none after one that has not ended in time.
     *
     * @param nanoTime the time, of which only differences have a meaning
     */
    static void awaitAll(List<? extends ExecutorService> pools, Duration timeout, LongSupplier nanoTime)
            throws InterruptedException {
        long startNanos = nanoTime.getAsLong();
        for (ExecutorService pool : pools) {
            long leftNanos = timeout.toNanos() - (nanoTime.getAsLong() - startNanos);
            if (!pool.awaitTermination(Math.max(0, leftNanos), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }

    /** Returns whether {@link #close} has waited, and nobody waits any more for what they have not done. */
    boolean areClosed() {
        return areClosed;
    }
}
