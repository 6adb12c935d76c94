package io.bowstring.broker;

import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/**
 * An event executor without a thread: tasks wait until the test runs them. The test is in the event loop only while a
 * task runs, so that several of these behave like several threads, in an order that the test chooses. Its time stands
 * until the test advances it.
 *
 * <p>Confined to the test's thread, but for {@link #execute}, which any thread may call.
 */
final class ManualExecutor extends AbstractScheduledEventExecutor {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final List<ScheduledFuture<?>> timers = new ArrayList<>();
    private final BlockingDeque<Runnable> tasks = new LinkedBlockingDeque<>();
    private final boolean isAtOnce;
    private boolean isRunning;
    private Runnable fault;

    ManualExecutor() {
        this(false);
    }

    private ManualExecutor(boolean isAtOnce) {
        this.isAtOnce = isAtOnce;
    }

    /** Returns an executor whose tasks run when they are handed in, inside of what hands them in. */
    static ManualExecutor atOnce() {
        return new ManualExecutor(true);
    }

    /** Runs the oldest task that waits; returns false where there is none. */
    boolean runNext() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        isRunning = true;
        try {
            task.run();
        } finally {
            isRunning = false;
        }
        return true;
    }

    /** Waits until a thread has handed in a task. */
    void awaitTask() throws InterruptedException {
        Runnable task = tasks.poll(1, TimeUnit.MINUTES);
        if (task == null) {
            throw new AssertionError("no task");
        }
        tasks.addFirst(task);
    }

    /** Runs tasks until none waits, and returns how many it ran. */
    int runAll() {
        int count = 0;
        while (runNext()) {
            count++;
        }
        return count;
    }

    /** Lets the newest task overtake all others, as it can where two threads hand in tasks. */
    void rotate() {
        tasks.addFirst(tasks.removeLast());
    }

    /** Lets time pass; what becomes due waits to be run. */
    void advance(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        isRunning = true; // for only the loop may look at its timers
        for (Runnable task = pollScheduledTask(); task != null; task = pollScheduledTask()) {
            tasks.add(task);
        }
        isRunning = false;
    }

    /** Fails once, as {@code how} does, where the next task is handed in; does not take that. */
    void failOnce(Runnable how) {
        fault = how;
    }

    /** Returns how many timers run. */
    int timers() {
        timers.removeIf(ScheduledFuture::isDone);
        return timers.size();
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        ScheduledFuture<?> timer = super.schedule(task, delay, unit);
        timers.add(timer);
        return timer;
    }

    int waitingTasks() {
        return tasks.size();
    }

    @Override
    public void execute(Runnable task) {
        if (fault != null) {
            Runnable once = fault;
            fault = null;
            once.run();
        } else if (isAtOnce) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return isRunning;
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return terminationFuture();
    }

    @Override
    public Future<?> terminationFuture() {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(null);
    }

    @Override
    @Deprecated
    public void shutdown() {}

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
