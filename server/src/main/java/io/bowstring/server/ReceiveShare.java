package io.bowstring.server;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcReceiveQuota;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the {@link ReceiveMemory} for the message that is arriving.
 *
 * <p>All that the message may come to hold is taken at once, so that none waits half-way for others that do so too.
 *
 * <p>Changed on the channel's event loop; while it waits, by the thread that gives it memory. Looked at by any thread.
 */
final class ReceiveShare implements IpcReceiveQuota {
    /** What is held is counted in steps of so much, so that a small message asks once. */
    private static final int STEP_BYTES = 16 << 10;

    /** A message that would be whole within this time, at the rate at which it comes, is not cut. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A connection that has waited for so long comes before those that begin. */
    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A connection that has waited for so long gets a turn among those that have completed large messages. */
    private static final long LONG_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Where somebody has waited for so long, messages are cut that the server itself does not read. */
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ReceiveMemory memory;
    private final Channel channel;
    private final ConnectionSource source;
    private @Nullable IpcDecoder decoder;

    private volatile @Nullable ReceivePool pool;
    private volatile long heldBytes;

    /** What has been held by {@link #countedNanos}, in bytes times seconds. */
    private volatile double heldByteSeconds;

    private volatile long countedNanos;

    /** When the message that is arriving began to hold something, or had waited for the last time. */
    private volatile long startNanos;

    private volatile long askedBytes;
    private volatile long waitingNanos;
    private volatile @Nullable Runnable again;
    private volatile long receivedBytes;
    private volatile long pauseOverNanos;

    /** Whether a large message has come whole before. */
    private volatile boolean isProven;

    // Of the thread that looks.
    private long seenNanos;
    private long seenReceivedBytes;
    private @Nullable ReceivePool seenPool;

    ReceiveShare(ReceiveMemory memory, Channel channel, ConnectionSource source) {
        this.memory = memory;
        this.channel = channel;
        this.source = source;
        this.pauseOverNanos = memory.nanoTime();
    }

    /** Says whose share this is. */
    void serve(IpcDecoder served) {
        decoder = served;
    }

    /** So many bytes have come since the connection began. */
    void onReceived(long bytes) {
        receivedBytes = bytes;
    }

    /** The server reads on after a pause of its own. */
    void onPauseOver() {
        pauseOverNanos = memory.nanoTime();
    }

    @Override
    public boolean tryHold(long bytes, long mostBytes) {
        long rounded = (mostBytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
        ReceivePool next = memory.poolFor(rounded);
        ReceivePool present = pool;
        if (rounded > heldBytes) {
            if (!next.tryTake(heldOf(next), rounded)) {
                askedBytes = rounded;
                return false;
            }
            change(next, rounded, next.equals(present) ? 0 : heldBytes);
        } else if (rounded < heldBytes && present != null) {
            if (!next.equals(present)) {
                next.take(rounded);
            }
            change(next, rounded, next.equals(present) ? heldBytes - rounded : heldBytes);
        }
        return true;
    }

    /** Counts what is held from now on, and gives back what the pool before has too much. */
    private void change(ReceivePool next, long bytes, long backBytes) {
        ReceivePool present = pool;
        long now = memory.nanoTime();
        heldByteSeconds = heldByteSeconds(now);
        countedNanos = now;
        startNanos = heldBytes == 0 ? now : startNanos;
        heldBytes = bytes;
        pool = next;
        if (present != null && backBytes > 0) {
            present.giveBack(backBytes);
        }
    }

    @Override
    public void await(Runnable task) {
        waitingNanos = memory.nanoTime();
        again = task;
        memory.poolFor(askedBytes).await(this);
        memory.onWaiting();
    }

    @Override
    public void letGo() {
        if (again != null) {
            memory.poolFor(askedBytes).forget(this);
            again = null;
        }
        ReceivePool present = pool;
        if (present != null) {
            long bytes = heldBytes;
            isProven = isProven || bytes > ReceiveMemory.SMALL_BYTES;
            heldBytes = 0;
            heldByteSeconds = 0;
            pool = null;
            present.giveBack(bytes);
        }
    }

    // While it waits, under the lock of the pool that it waits for.

    long askedBytes() {
        return askedBytes;
    }

    /** What it asked for has been taken for it. */
    void onGranted() {
        ReceivePool next = memory.poolFor(askedBytes);
        change(next, askedBytes, next.equals(pool) ? 0 : heldBytes);
        startNanos = countedNanos;
        Runnable task = again;
        again = null;
        if (task != null) {
            task.run();
        }
    }

    boolean isOverdue() {
        return memory.nanoTime() - waitingNanos >= OVERDUE_NANOS;
    }

    boolean hasWaitedLong() {
        return memory.nanoTime() - waitingNanos >= LONG_WAIT_NANOS;
    }

    boolean hasWaitedTooLong() {
        return memory.nanoTime() - waitingNanos >= LONGEST_WAIT_NANOS;
    }

    // For any thread.

    /** Returns whose connection it is. */
    ConnectionSource source() {
        return source;
    }

    /** Returns how much it holds of a pool. */
    long heldOf(ReceivePool of) {
        return of.equals(pool) ? heldBytes : 0;
    }

    /** Returns how much has been held for how long, for the message that is arriving. */
    double heldByteSeconds(long now) {
        return heldByteSeconds + (double) heldBytes * (now - countedNanos) / TimeUnit.SECONDS.toNanos(1);
    }

    /** Returns whether it has completed large messages: it waits and is cut after those of which that is not known. */
    boolean isProven() {
        return isProven;
    }

    /** Returns whether it is not read until there is memory. */
    boolean isWaiting() {
        return again != null;
    }

    /** Returns whether the server reads what comes; not where a topic holds its publisher back, for example. */
    boolean isRead() {
        return channel.config().isAutoRead();
    }

    // On the thread that looks.

    /**
     * Returns whether so little has come since the last look that others need not wait for the rest; looks again. Time in
     * which the server did not read is not held against the peer.
     */
    boolean isSlow(ReceivePool of, long now) {
        long received = receivedBytes;
        long newBytes = received - seenReceivedBytes;
        long nanos = now - seenNanos;
        boolean isRead = isRead();
        boolean isSeen = isRead
                && of.equals(seenPool)
                && startNanos - seenNanos <= 0 // the same message
                && pauseOverNanos - seenNanos < 0; // and read all the time
        boolean isSlow = isSeen && (double) newBytes * LONGEST_NANOS < (double) heldBytes * nanos;
        seenPool = isRead ? of : null;
        seenNanos = now;
        seenReceivedBytes = received;
        return isSlow;
    }

    /** Gives up the message, whose memory others wait for; soon, and only if it is not whole by then. */
    void cut() {
        long start = startNanos;
        ProtocolException reason = ProtocolException.of(
                ErrorCode.TOO_SLOW,
                "message",
                "holds " + heldBytes + " bytes of memory and hardly grows",
                "the rest soon, where others wait for memory; receive-memory");
        channel.eventLoop().execute(() -> {
            IpcDecoder served = decoder;
            if (served != null && heldBytes > 0 && startNanos == start) {
                memory.onCut();
                served.fail(reason);
            }
        });
    }
}
