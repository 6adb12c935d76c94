package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Steps that come to an end whatever happens in them, so that nobody waits for ever for what comes of one. */
final class Steps {
    static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private Steps() {}

    /**
     * Runs a task on an executor. An executor that is full, or has no memory for it, gets the task again later, so that tasks may
     * run in another order than they are handed in: a {@link TaskLine} keeps it. If the executor has been shut down, the task runs after its end, on
     * the thread that Netty has for that. An executor may keep a task for which it then has no memory: the task runs twice, which must
     * do no harm. For any thread.
     */
    static void execute(EventExecutor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            if (executor.isShutdown()) {
                executor.terminationFuture().addListener(terminated -> task.run());
            } else {
                GlobalEventExecutor.INSTANCE.schedule(() -> execute(executor, task), RETRY_NANOS, TimeUnit.NANOSECONDS);
            }
        }
    }

    /** Runs a task on an executor after a time; on the thread that Netty has for all where the executor does not take it. */
    static ScheduledFuture<?> schedule(EventExecutor executor, Runnable task, long delayNanos) {
        try {
            return executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            return GlobalEventExecutor.INSTANCE.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Runs a step; what it throws is not thrown on, but told as what the peer is told.
     *
     * @param executor the caller's, whose log tells of a fault
     */
    static void guarded(EventExecutor executor, Runnable step, Consumer<? super ProtocolException> onFailed) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            try {
                onFailed.accept(reason(executor, e));
            } catch (RuntimeException | Error again) {
                log(executor, again);
            }
        }
    }

    /** Returns what a peer is told of a step that has failed; the executor's log tells of a fault. */
    static ProtocolException reason(EventExecutor executor, Throwable failure) {
        if (failure instanceof ProtocolException reason) {
            return reason;
        }
        if (failure instanceof OutOfMemoryError) {
            return Broker.outOfMemory();
        }
        log(executor, failure);
        return Broker.fault();
    }

    private static void log(EventExecutor executor, Throwable fault) {
        execute(executor, () -> {
            if (fault instanceof RuntimeException exception) {
                throw exception;
            }
            throw (Error) fault;
        });
    }
}
