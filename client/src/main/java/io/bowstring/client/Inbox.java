package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one reply that have come and not been taken, and why no more come. Above a number of bytes the link stops
 * reading, so that a slow taker holds the server back.
 *
 * <p>Owns the messages. Thread-safe: the event loop fills it, any thread takes.
 */
final class Inbox implements MessageSink {
    private static final long MAX_BYTES = 8 << 20;

    private final Link link;
    private final Connector connector;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Queue<IpcMessage> messages = new ArrayDeque<>();
    private long bytes;
    private boolean isHeld;
    private boolean hasEnded;
    private boolean isClosed;
    private @Nullable ClientException failure;

    /** Creates an inbox that is filled on the link's event loop. */
    Inbox(Link link, Connector connector) {
        this.link = link;
        this.connector = connector;
    }

    /** Returns the next message as {@link #take(long)}; waits for as long as it takes. */
    @Nullable
    IpcMessage take() throws InterruptedException {
        return take(Long.MAX_VALUE);
    }

    /**
     * Returns the next message, owned, or null after the last, and where none has come in time; throws as {@link
     * MessageSubscription#next()}. If it throws, it has taken nothing.
     *
     * @param maxNanos how long it blocks; not at all where that is not positive
     */
    @Nullable
    IpcMessage take(long maxNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (isWaiting() && maxNanos > 0) {
                connector.requireMayBlock();
            }
            long leftNanos = maxNanos;
            while (isWaiting() && leftNanos > 0) {
                leftNanos = changed.awaitNanos(leftNanos);
            }
            IpcMessage message = messages.peek();
            if (message == null) {
                requireNoFailure();
                return null;
            }
            long left = bytes - message.frameBytes();
            if (isHeld && left < MAX_BYTES / 2) {
                readOn();
            }
            bytes = left;
            messages.remove();
            return message;
        } finally {
            lock.unlock();
        }
    }

    /** There is nothing to take, and there may be. */
    private boolean isWaiting() {
        return messages.isEmpty() && !hasEnded && failure == null;
    }

    /** Returns whether all messages have been taken, and the reply is complete. */
    boolean hasEnded() {
        lock.lock();
        try {
            return hasEnded && messages.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void readOn() {
        isHeld = false;
        try {
            link.execute(this::hold);
        } catch (RuntimeException | Error e) {
            isHeld = true; // the call that takes the next message tries again
            throw e;
        }
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Reads on or not, as it is by now. */
    private void hold() {
        lock.lock();
        try {
            link.setReading(!isHeld);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onMessage(IpcMessage message) {
        lock.lock();
        try {
            if (isClosed) {
                message.release();
                return;
            }
            keep(message);
            bytes += message.frameBytes();
            isHeld |= bytes >= MAX_BYTES;
            link.setReading(!isHeld);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets a message wait, which is consumed. */
    private void keep(IpcMessage message) {
        try {
            messages.add(message);
        } catch (RuntimeException | Error e) {
            message.release();
            throw e;
        }
    }

    @Override
    public void onEnd() {
        lock.lock();
        try {
            hasEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onFailed(ClientException reason) {
        lock.lock();
        try {
            failure = failure == null ? reason : failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns why there is no more to take from a subscription that has been closed. */
    static ClientException closed() {
        return new ClientException("the subscription has been closed");
    }

    /** Drops what has not been taken, and what comes. Idempotent. */
    void close() {
        lock.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
            failure = closed();
            messages.forEach(IpcMessage::release);
            messages.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
