package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.VectorBatch;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a subscriber the batches that it has asked for, as they come. Those that it has not asked for yet wait; above 8 MiB
 * of them the server is held back through TCP.
 *
 * <p>Owns the batches that wait. Confined to the link's event loop, where the subscriber is called too, but for the methods of
 * {@code Flow.Subscription}.
 */
final class PushSink implements MessageSink, Flow.Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(PushSink.class);
    private static final long MAX_BYTES = 8 << 20;

    private record Waiting(ReceivedBatch batch, long bytes) {}

    private final Link link;
    private final Flow.Subscriber<? super ReceivedBatch> subscriber;
    private final Runnable onClosed;
    private final BatchReader reader;
    private final Function<VectorBatch, ReceivedBatch> opening;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long demand;
    private boolean hasBegun;
    private boolean isDelivering;
    private boolean hasEnded;
    private boolean isOver;
    private @Nullable Throwable failure;

    /**
     * Creates a sink.
     *
     * @param reader consumed
     * @param opening makes a batch of vectors, which are consumed
     * @param onClosed runs once
     */
    PushSink(
            Link link,
            Flow.Subscriber<? super ReceivedBatch> subscriber,
            BatchReader reader,
            Function<VectorBatch, ReceivedBatch> opening,
            Runnable onClosed) {
        this.link = link;
        this.subscriber = subscriber;
        this.onClosed = onClosed;
        this.reader = reader;
        this.opening = opening;
    }

    /** Tells the subscriber of its subscription; and of its end, if that has come already. */
    void begin() {
        Throwable early = isOver ? failure : null;
        hasBegun = true;
        call(() -> subscriber.onSubscribe(this));
        if (early != null) {
            call(() -> subscriber.onError(early));
        }
    }

    @Override
    public void request(long count) {
        link.execute(() -> {
            if (count <= 0) {
                end(new IllegalArgumentException("count: " + count + " (expected: at least 1)"));
            } else {
                demand = demand > Long.MAX_VALUE - count ? Long.MAX_VALUE : demand + count;
                deliver();
            }
        });
    }

    @Override
    public void cancel() {
        link.execute(this::close);
    }

    /** Ends, and tells the subscriber why; returns what is complete when nothing is held any more. For any thread. */
    CompletableFuture<Void> close(ClientException reason) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        link.execute(() -> {
            try {
                end(reason);
            } finally {
                closed.complete(null);
            }
        });
        return closed;
    }

    @Override
    public void onMessage(IpcMessage message) {
        if (isOver || hasEnded || failure != null) {
            message.release();
            return;
        }
        long bytes = message.frameBytes();
        VectorBatch batch;
        try {
            batch = reader.read(message);
        } catch (RuntimeException e) {
            end(ConnectionFailures.unreadable(e));
            return;
        } catch (OutOfMemoryError e) {
            end(e);
            return;
        }
        if (batch != null) {
            keep(batch, bytes);
            deliver();
        }
    }

    /** Lets a batch wait, which is consumed. */
    private void keep(VectorBatch batch, long bytes) {
        try {
            waiting.add(new Waiting(opening.apply(batch), bytes));
        } catch (RuntimeException | Error e) {
            batch.close();
            throw e;
        }
        waitingBytes += bytes;
    }

    @Override
    public void onEnd() {
        hasEnded = true;
        deliver();
    }

    @Override
    public void onFailed(ClientException reason) {
        failure = reason;
        deliver();
    }

    /** Calls the subscriber for what there is; one that asks for more meanwhile is called from here, and not from within. */
    private void deliver() {
        if (isDelivering || isOver) {
            return;
        }
        isDelivering = true;
        try {
            while (demand > 0 && !waiting.isEmpty() && !isOver) {
                Waiting next = waiting.remove();
                waitingBytes -= next.bytes();
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
                call(() -> subscriber.onNext(next.batch()));
            }
        } finally {
            isDelivering = false;
        }
        link.setReading(waitingBytes < MAX_BYTES);
        if (waiting.isEmpty() && !isOver) {
            endIfOver();
        }
    }

    private void endIfOver() {
        Throwable reason = failure;
        if (reason != null) {
            end(reason);
        } else if (hasEnded) {
            close();
            call(subscriber::onComplete);
        }
    }

    private void end(Throwable reason) {
        if (isOver) {
            return;
        }
        failure = reason;
        close();
        if (hasBegun) {
            call(() -> subscriber.onError(reason));
        }
    }

    private void call(Runnable signal) {
        try {
            signal.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("a subscriber failed, and its subscription ends", e);
            close();
        }
    }

    private void close() {
        if (!isOver) {
            isOver = true;
            link.close(false);
            waiting.forEach(left -> left.batch().close());
            waiting.clear();
            reader.close();
            onClosed.run();
        }
    }
}
