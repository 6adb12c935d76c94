package io.bowstring.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
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

    /** How long a call of the subscriber may last before closing does not wait for it any more. */
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private final Flow.Subscriber<? super ReceivedBatch> subscriber;
    private final Executor executor;

    // Guarded by this.
    private final Queue<Runnable> calls = new ArrayDeque<>();
    private @Nullable Thread caller;
    private boolean isCalling;
    private Flow.@Nullable Subscription source;
    private @Nullable ReceivedBatch handed;
    private long demand;
    private boolean isAsked;
    private boolean isCancelled;

    HandedSubscriber(Flow.Subscriber<? super ReceivedBatch> subscriber, Executor executor) {
        this.subscriber = subscriber;
        this.executor = executor;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        synchronized (this) {
            source = subscription;
        }
        call(() -> subscriber.onSubscribe(this));
    }

    @Override
    public void onNext(ReceivedBatch batch) {
        boolean isWanted;
        synchronized (this) {
            isWanted = !isCancelled;
            handed = isWanted ? batch : null;
        }
        if (isWanted) {
            call(this::deliver);
        } else {
            batch.close();
        }
    }

    private void deliver() {
        ReceivedBatch batch = take();
        if (batch == null) {
            return;
        }
        subscriber.onNext(batch);
        askForNext();
    }

    /** Returns the batch that the subscriber has not got, owned; null where it is cancelled. */
    private synchronized @Nullable ReceivedBatch take() {
        ReceivedBatch batch = handed;
        handed = null;
        return batch;
    }

    private void askForNext() {
        Flow.Subscription asked;
        synchronized (this) {
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            isAsked = demand > 0 && !isCancelled;
            asked = isAsked ? source : null;
        }
        if (asked != null) {
            asked.request(1);
        }
    }

    @Override
    public void onError(Throwable reason) {
        call(() -> subscriber.onError(reason));
    }

    @Override
    public void onComplete() {
        call(subscriber::onComplete);
    }

    @Override
    public void request(long count) {
        Flow.Subscription asked;
        synchronized (this) {
            boolean isFirst = count > 0 && !isAsked && !isCancelled;
            isAsked |= isFirst;
            demand = demand > Long.MAX_VALUE - Math.max(0, count) ? Long.MAX_VALUE : demand + Math.max(0, count);
            asked = isFirst || count <= 0 ? source : null;
        }
        if (asked != null) {
            asked.request(Math.min(1, count)); // one that is not positive is an error, which the source tells
        }
    }

    @Override
    public void cancel() {
        Flow.Subscription cancelled;
        synchronized (this) {
            isCancelled = true;
            cancelled = source;
        }
        drop();
        if (cancelled != null) {
            cancelled.cancel();
        }
    }

    private void drop() {
        ReceivedBatch batch = take();
        if (batch != null) {
            batch.close();
        }
    }

    /** Calls the subscriber no more for batches, and waits until the call that is under way has returned; not from within it. */
    void cancelAndAwait() {
        CompletableFuture<Void> idle = new CompletableFuture<>();
        synchronized (this) {
            isCancelled = true;
            if (caller == null || caller.equals(Thread.currentThread())) {
                idle.complete(null);
            } else {
                calls.add(() -> idle.complete(null));
            }
        }
        drop();
        idle.completeOnTimeout(null, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Calls after the calls before; what the executor refuses is dropped, and thrown. */
    private void call(Runnable call) {
        synchronized (this) {
            calls.add(call);
            if (isCalling) {
                return;
            }
            isCalling = true;
        }
        try {
            executor.execute(this::callAll);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                calls.clear();
                isCalling = false;
            }
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
                cancel();
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable call = calls.poll();
        isCalling = call != null;
        caller = isCalling ? Thread.currentThread() : null;
        return call;
    }
}
