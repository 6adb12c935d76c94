package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.Refusal;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the server says while a stream is published: acknowledgements, a refusal, or that it is gone. A publisher waits
 * here for whatever comes first, what it wants or a failure.
 *
 * <p>Thread-safe: the event loop reports, any thread waits.
 */
final class PublishReplies extends SimpleChannelInboundHandler<IpcMessage> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private @Nullable Acknowledgement last;
    private @Nullable ClientException failure;
    private boolean hasEnded;
    private boolean isClosed;

    /** Returns the latest acknowledgement, null where there is none. */
    @Nullable
    Acknowledgement last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until the stream of acknowledgements is complete; fails as {@link #await} does. */
    void awaitEnd() throws InterruptedException {
        await(() -> hasEnded);
    }

    /** Blocks until the server has closed the connection in order; returns false if {@code nanos} are over first. */
    boolean awaitClose(long nanos) throws InterruptedException {
        return awaitNanos(() -> isClosed, nanos);
    }

    /**
     * Blocks until {@code wanted} is true, which is asked under the lock whenever something has happened.
     *
     * @throws ClientException if publishing has failed, also where {@code wanted} is true; if the connection has ended
     *     and {@code wanted} is not true
     */
    void await(BooleanSupplier wanted) throws InterruptedException {
        awaitNanos(wanted, Long.MAX_VALUE);
    }

    private boolean awaitNanos(BooleanSupplier wanted, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (true) {
                if (failure != null) {
                    throw failure;
                }
                if (wanted.getAsBoolean()) {
                    return true;
                }
                if (left <= 0) {
                    return false;
                }
                if (isClosed) {
                    throw Inbox.broken(null);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Wakes those who wait, so that they look again. */
    void wake() {
        report(() -> {});
    }

    /** Makes everybody who waits, now or later, fail; the first reason counts. */
    void fail(ClientException reason) {
        report(() -> failure = failure == null ? reason : failure);
    }

    private void report(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
        switch (message.kind()) {
            case SCHEMA -> onSchema((IpcSchema) message);
            case RECORD_BATCH -> onAcknowledgement(Acknowledgement.parse((IpcRecordBatch) message));
            case END_OF_STREAM -> report(() -> hasEnded = true);
            case DICTIONARY_BATCH -> {
                // no reply has one
            }
        }
    }

    private void onSchema(IpcSchema schema) {
        Refusal refusal = Refusal.parse(schema);
        if (refusal != null) {
            fail(new RefusedException(refusal));
        }
    }

    private void onAcknowledgement(Acknowledgement acknowledgement) {
        String error = acknowledgement.error();
        report(() -> last = acknowledgement);
        if (error != null) {
            fail(RefusedException.parse(error));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        wake();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(Inbox.broken(cause));
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        report(() -> isClosed = true);
    }
}
