package io.bowstring.client;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a subscriber on an executor of the user's, one call after another, whatever threads the executor has. Asks for one
 * batch at a time, so that no more than one is between the event loop and the subscriber.
 *
 * <p>Owns the batch that the executor has not come to. Thread-safe: the event loop tells it, the executor's threads call, any
 * thread asks and cancels.
 */
final class HandedSubscriber implements Flow.Subscriber<ReceivedBatch>, Flow.Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(HandedSubscriber.class);

    private final Flow.Subscriber<? super ReceivedBatch> subscriber;
    private final Executor executor;
    private final Runnable onDone;

    // Guarded by this. These calls wait, in this order: the first one, that for the batch, the last one.
    private @Nullable Runnable firstCall;
    private @Nullable ReceivedBatch handed;
    private @Nullable Runnable lastCall;

    /** The executor has a task of this, or had one that it has forgotten. */
    private boolean isScheduled;

    private @Nullable Thread caller;
    private Flow.@Nullable Subscription source;
    private long demand;
    private long requests;
    private boolean isAsked;

    /** Nothing comes after what waits. */
    private boolean isOver;

    private @Nullable CompletableFuture<Void> idle;

    /**
     * Creates what calls a subscriber.
     *
     * @param onDone runs when the subscriber has been called for the last time, and holds nothing any more; maybe twice
     */
    HandedSubscriber(Flow.Subscriber<? super ReceivedBatch> subscriber, Executor executor, Runnable onDone) {
        this.subscriber = subscriber;
        this.executor = executor;
        this.onDone = onDone;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        synchronized (this) {
            source = subscription;
            firstCall = () -> subscriber.onSubscribe(this);
        }
        schedule();
    }

    @Override
    public void onNext(ReceivedBatch batch) {
        Flow.Subscription unwanted = null;
        synchronized (this) {
            if (isOver) {
                unwanted = source;
            } else {
                handed = batch;
            }
        }
        if (unwanted == null) {
            schedule();
        } else {
            batch.close();
            unwanted.cancel(); // again: a full loop may have refused that before
        }
    }

    @Override
    public void onError(Throwable reason) {
        end(() -> subscriber.onError(reason));
    }

    @Override
    public void onComplete() {
        end(subscriber::onComplete);
    }

    private void end(Runnable call) {
        synchronized (this) {
            if (isOver) {
                return;
            }
            isOver = true;
            lastCall = call;
        }
        schedule();
    }

    private void deliver(ReceivedBatch batch) {
        subscriber.onNext(batch);
        Flow.Subscription asked;
        synchronized (this) {
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            isAsked = demand > 0 && !isOver;
            asked = isAsked ? source : null;
        }
        if (asked != null) {
            askForNext(asked);
        }
    }

    /** Asks; where the event loop does not take that, the subscription ends. */
    private void askForNext(Flow.Subscription asked) {
        try {
            asked.request(1);
        } catch (ClientException e) {
            onError(e);
            cancel(asked);
        }
    }

    /**
     * Asks for more.
     *
     * @throws ClientException if the event loop is full; then nothing has been asked for
     */
    @Override
    public void request(long count) {
        Flow.Subscription asked;
        long request;
        synchronized (this) {
            boolean isFirst = count > 0 && !isAsked && !isOver;
            isAsked |= isFirst;
            demand = demand > Long.MAX_VALUE - Math.max(0, count) ? Long.MAX_VALUE : demand + Math.max(0, count);
            request = count > 0 ? ++requests : 0;
            asked = isFirst || count <= 0 ? source : null;
        }
        if (asked == null) {
            return;
        }
        try {
            asked.request(Math.min(1, count)); // one that is not positive is an error, which the source tells
        } catch (RuntimeException | Error e) {
            if (count > 0 && !tryForget(request)) {
                onError(e);
                cancel(asked);
            }
            throw e;
        }
    }

    /** Forgets a refused request; returns false if another came meanwhile, which relied on this one to ask. */
    private synchronized boolean tryForget(long request) {
        if (request != requests) {
            return false;
        }
        isAsked = false;
        demand = 0;
        return true;
    }

    /**
     * Calls the subscriber no more.
     *
     * @throws ClientException if the event loop is full; then the connection stays until this is called again, or the client
     *     is closed
     */
    @Override
    public void cancel() {
        Flow.Subscription cancelled = drop();
        if (cancelled != null) {
            cancelled.cancel();
        }
    }

    /** Drops all that waits, and is over; returns what is to be cancelled. */
    private Flow.@Nullable Subscription drop() {
        ReceivedBatch dropped;
        Flow.Subscription cancelled;
        synchronized (this) {
            isOver = true;
            firstCall = null;
            lastCall = null;
            dropped = handed;
            handed = null;
            cancelled = source;
        }
        if (dropped != null) {
            dropped.close();
        }
        doneIfIdle();
        return cancelled;
    }

    private static void cancel(Flow.Subscription cancelled) {
        try {
            cancelled.cancel();
        } catch (ClientException e) {
            LOG.warn("a subscription keeps its connection until the client is closed", e);
        }
    }

    /**
     * Drops the batch that waits, and tells the subscriber why, unless it has had all. Returns what is complete when the call
     * that is under way has returned, and what follows on it; at once within such a call.
     */
    CompletableFuture<Void> close(ClientException reason) {
        ReceivedBatch dropped;
        boolean isTold;
        CompletableFuture<Void> awaited = new CompletableFuture<>();
        synchronized (this) {
            dropped = handed;
            handed = null;
            isTold = source != null && (!isOver || dropped != null); // else by the source, or not at all
            if (isTold) {
                isOver = true;
                lastCall = () -> subscriber.onError(reason);
            }
            if (caller == null || caller.equals(Thread.currentThread())) {
                awaited.complete(null);
            } else {
                idle = idle == null ? awaited : idle;
                awaited = idle;
            }
        }
        if (dropped != null) {
            dropped.close();
        }
        if (isTold) {
            scheduleForLast();
        }
        return awaited;
    }

    private void scheduleForLast() {
        try {
            schedule();
        } catch (RuntimeException | Error e) {
            LOG.warn("a subscriber is not told that its client has been closed", e);
        }
    }

    /** Sees to it that what waits is called; where the executor refuses that, all is dropped, and its failure thrown. */
    private void schedule() {
        synchronized (this) {
            if (isScheduled) {
                return;
            }
            isScheduled = true;
        }
        try {
            executor.execute(this::callAll);
        } catch (RuntimeException | Error e) {
            drop();
            throw e;
        }
    }

    private void callAll() {
        for (Runnable call = next(); call != null; call = next()) {
            try {
                call.run();
            } catch (RuntimeException | Error e) {
                LOG.warn("a subscriber failed, and its subscription ends", e);
                cancel(Objects.requireNonNull(drop()));
            }
        }
        doneIfIdle();
    }

    private synchronized @Nullable Runnable next() {
        Runnable call = poll();
        isScheduled = call != null;
        caller = isScheduled ? Thread.currentThread() : null;
        if (!isScheduled && idle != null) {
            idle.complete(null);
            idle = null;
        }
        return call;
    }

    private @Nullable Runnable poll() {
        Runnable call = firstCall;
        ReceivedBatch batch = handed;
        if (call != null) {
            firstCall = null;
        } else if (batch != null) {
            handed = null;
            call = () -> deliver(batch);
        } else {
            call = lastCall;
            lastCall = null;
        }
        return call;
    }

    private void doneIfIdle() {
        boolean isDone;
        synchronized (this) {
            isDone = isOver && caller == null && firstCall == null && handed == null && lastCall == null;
        }
        if (isDone) {
            onDone.run();
        }
    }
}
