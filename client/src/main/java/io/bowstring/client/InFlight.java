package io.bowstring.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes are published and not acknowledged, and the failure after which there is nothing to wait for. Thread-safe:
 * publishing threads wait, the event loop makes room.
 */
final class InFlight {
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private long bytes;
    private long removals;
    private @Nullable ClientException failure;

    InFlight(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Waits until a batch more may be in flight.
     *
     * @throws ClientException the failure
     */
    void awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && bytes >= maxBytes) {
                changed.await();
            }
            requireNoFailure();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether a batch more may be in flight; throws the failure. */
    boolean hasRoom() {
        lock.lock();
        try {
            requireNoFailure();
            return bytes < maxBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Adds what is in flight from now on; throws the failure, and then it is not. */
    void add(long addedBytes) {
        lock.lock();
        try {
            requireNoFailure();
            bytes += addedBytes;
        } finally {
            lock.unlock();
        }
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw failure;
        }
    }

    void remove(long removedBytes) {
        lock.lock();
        try {
            boolean wasFull = bytes >= maxBytes;
            bytes -= removedBytes;
            removals++;
            if (wasFull && bytes < maxBytes) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns how often something has ceased to be in flight. */
    long removals() {
        lock.lock();
        try {
            return removals;
        } finally {
            lock.unlock();
        }
    }

    /** Fails all calls that wait or come later; the first reason counts. */
    void fail(ClientException reason) {
        lock.lock();
        try {
            failure = failure == null ? reason : failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
