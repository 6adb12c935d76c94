package io.bowstring.broker;

import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the tasks of one topic, one at a time and in the order in which they are handed in, on the thread that hands one in:
 * what a publisher has received is appended without a change of threads. A thread that finds another at work leaves its task
 * to that one, so that no thread ever waits. A thread that has run many tasks leaves the rest to the topic's loop: it has
 * other topics to look after.
 *
 * <p>What is <i>confined to the topic's turn</i> is touched by these tasks alone, each of which sees what those before it did.
 * A task that hands in another is not interrupted by it. Thread-safe.
 */
final class TopicTurn implements Executor {
    /** Each task appends what one publisher has received in one go, at most. */
    private static final int MAX_TASKS = 64;

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final EventExecutor loop;
    private final Ticker ticker;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Tasks that are not done; whoever makes it 1 runs them. */
    private final AtomicInteger left = new AtomicInteger();

    /**
     * Creates a turn that nobody has.
     *
     * @param loop the topic's
     */
    TopicTurn(EventExecutor loop) {
        this.loop = loop;
        this.ticker = loop instanceof AbstractScheduledEventExecutor own ? own.ticker() : Ticker.systemTicker();
    }

    /** Returns the topic's loop: its timers run there, and its log tells of faults. */
    EventExecutor loop() {
        return loop;
    }

    /** Returns the time that the loop's timers go by, which never goes back; only differences have a meaning. */
    long nanos() {
        return ticker.nanoTime();
    }

    /** Returns a duration in nanoseconds; what is longer than a century is a century. */
    static long toNanos(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }

    /** Lets tasks wait until {@link #resume}. Called before the first task. */
    void hold() {
        left.incrementAndGet();
    }

    /** Runs a task, then those that wait since {@link #hold}. */
    void resume(Runnable first) {
        Steps.guarded(loop, first, reason -> {});
        if (left.decrementAndGet() > 0) {
            run();
        }
    }

    /** Runs a task now or later; what it throws is for the log of the topic's loop alone. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (left.getAndIncrement() == 0) {
            run();
        }
    }

    /** Runs a step now or later; returns what it returns, or fails with a {@link io.bowstring.protocol.ProtocolException}. */
    <T extends @Nullable Object> CompletableFuture<T> ask(Supplier<T> step) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> Steps.guarded(loop, () -> answer.complete(step.get()), answer::completeExceptionally));
        return answer;
    }

    /** As {@link #ask(Supplier)}. */
    CompletableFuture<Void> ask(Runnable step) {
        return ask(() -> {
            step.run();
            return null;
        });
    }

    private void run() {
        int done = 0;
        do {
            if (done == MAX_TASKS && tryLeaveToLoop()) {
                return;
            }
            runNext();
            done++;
        } while (left.decrementAndGet() > 0);
    }

    private void runNext() {
        try {
            Steps.guarded(loop, Objects.requireNonNull(tasks.poll()), reason -> {});
        } catch (Throwable e) {
            // There is no memory to tell the log of it, and the next task may give some back.
        }
    }

    /** Has the loop run the rest; returns whether it does, or has. */
    private boolean tryLeaveToLoop() {
        try {
            ClaimableTask.execute(loop, this::run);
            return true;
        } catch (RuntimeException | Error e) { // the loop is full, or the heap is exhausted
            return false;
        }
    }
}
