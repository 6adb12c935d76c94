package io.bowstring.codec;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A limit on the memory that received messages have in use at once. Above it the connections that share the budget are
 * not read, so that TCP makes their peers wait; as soon as no more than it is in use they are read again. All of them are:
 * each may then receive one buffer, so that they read buffer by buffer and not byte by byte.
 *
 * <p>A budget may have children, each with a limit of its own, one per connection for example. What counts in a child
 * counts in its parent, and either limit makes a connection wait:
 *
 * <pre>{@code
 * IpcBudget all = new IpcBudget(512L << 20);
 * // for each connection:
 * IpcDecoder decoder = new IpcDecoder(IpcDecoderConfig.DEFAULTS.withBudget(all.newChild(16 << 20)));
 * channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
 * }</pre>
 *
 * <p><b>What counts</b> is whole buffers: those that the decoder gathers messages in, and those that its channel has
 * received, from when they reach the decoder until the last reference to any message in them is dropped, wherever that
 * went. A small message that pins a buffer of 64 KiB counts for that buffer, many in one buffer count for it once. After
 * a handler that makes buffers of its own, TLS for example, or where the channel has not got the decoder's receive
 * allocator, received buffers are not the decoder's to count; what it gathers does.
 *
 * <p><b>A message that has begun is read to its end</b>, as nobody can release what still waits for its own end, and thus
 * no limit is too small for a message: it passes alone. So what is in use may exceed the limit by, for each connection,
 * one received buffer (at most 64 KiB) and the one message that is arriving, for which {@link IpcLimits} sets a bound. A
 * connection that waits holds, apart from the messages that it has handed on, at most 64 KiB, or one buffer of the
 * handler before the decoder; that does not count.
 *
 * <p>Only the end of messages gives memory back: a handler that keeps messages until others have come must stay below the
 * limit, or it waits forever.
 *
 * <p>Thread-safe; takes no locks.
 */
public final class IpcBudget {
    /** The smallest limit, in bytes: twice the largest buffer that Netty receives into. */
    public static final int MIN_LIMIT_BYTES = 128 << 10;

    private final @Nullable IpcBudget parent;
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /** The tasks that run when no more than this limit is in use. Connections of this budget and of its descendants add them. */
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    /**
     * Creates a budget that has no parent.
     *
     * @param limitBytes in bytes
     * @throws IllegalArgumentException if it is below {@link #MIN_LIMIT_BYTES}
     */
    public IpcBudget(long limitBytes) {
        this(null, limitBytes);
    }

    private IpcBudget(@Nullable IpcBudget parent, long limitBytes) {
        if (limitBytes < MIN_LIMIT_BYTES) {
            throw new IllegalArgumentException("limitBytes: " + limitBytes + " (expected: >= " + MIN_LIMIT_BYTES + ")");
        }
        this.parent = parent;
        this.limitBytes = limitBytes;
    }

    /**
     * Returns a new budget inside this one. It needs no end: without connections it is garbage.
     *
     * @param childLimitBytes in bytes; of the two limits the one that is reached first holds
     * @throws IllegalArgumentException if it is below {@link #MIN_LIMIT_BYTES}
     */
    public IpcBudget newChild(long childLimitBytes) {
        return new IpcBudget(this, childLimitBytes);
    }

    /** Returns the limit, in bytes. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Returns how much memory is in use, children included, in bytes. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /** Returns how many connections wait for this limit; one that waits for that of a child is not among them. */
    public int pausedConnections() {
        return waiting.size();
    }

    /** Counts memory as in use. */
    void add(int bytes) {
        for (IpcBudget level = this; level != null; level = level.parent) {
            level.usedBytes.addAndGet(bytes);
        }
    }

    /** Counts memory as no longer in use, and wakes the connections that have waited for that. */
    void remove(int bytes) {
        for (IpcBudget level = this; level != null; level = level.parent) {
            level.usedBytes.addAndGet(-bytes);
        }
        for (IpcBudget level = this; level != null; level = level.parent) {
            level.wakeWaiting();
        }
    }

    /** Returns whether more is in use than a limit allows, this one's or an ancestor's. */
    boolean isOver() {
        return firstOver() != null;
    }

    /**
     * Runs {@code waiter} once, by any thread, this one included, when the first limit that is exceeded is so no more. It
     * does not wait for two things at once.
     */
    void await(Runnable waiter) {
        IpcBudget over = firstOver();
        if (over == null) {
            waiter.run();
            return;
        }
        over.waiting.add(waiter);
        over.wakeWaiting(); // or the memory that has been freed meanwhile would be nobody's to tell of
    }

    /** Forgets {@code waiter}, if it waits. */
    void cancel(Runnable waiter) {
        for (IpcBudget level = this; level != null; level = level.parent) {
            level.waiting.remove(waiter);
        }
    }

    private void wakeWaiting() {
        if (waiting.isEmpty() || usedBytes.get() > limitBytes) {
            return; // at the limit nothing more may ever be released, so a connection must not wait for that
        }
        waiting.forEach(waiter -> {
            if (waiting.remove(waiter)) { // else another thread was faster
                waiter.run();
            }
        });
    }

    private @Nullable IpcBudget firstOver() {
        for (IpcBudget level = this; level != null; level = level.parent) {
            if (level.usedBytes.get() > level.limitBytes) {
                return level;
            }
        }
        return null;
    }
}
