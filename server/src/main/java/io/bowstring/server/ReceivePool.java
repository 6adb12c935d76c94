package io.bowstring.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Memory that messages may take until they are whole, and the connections that wait for some of it. However little there is,
 * one message passes: a connection that would have it alone gets what it asks for.
 *
 * <p>Thread-safe; takes a lock only while somebody waits.
 */
final class ReceivePool {
    /** How often one connection that has not completed such a message is let wait among those that have. */
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long limitBytes;
    private final LongSupplier nanoClock;
    private final AtomicLong usedBytes = new AtomicLong();
    private volatile boolean isWaitedFor;

    /** Somebody has waited for long: what comes free is kept for messages that wait, and no other message begins. */
    private volatile boolean isForWaiting;

    // Guarded by this.
    private final List<ReceiveShare> waitingFirst = new ArrayList<>();
    private final List<ReceiveShare> waiting = new ArrayList<>();
    private long turnNanos;

    ReceivePool(long limitBytes, LongSupplier nanoClock) {
        this.limitBytes = Math.max(1, limitBytes);
        this.nanoClock = nanoClock;
        this.turnNanos = nanoClock.getAsLong() - TURN_NANOS;
    }

    /** Returns how much is in use, in bytes. */
    long usedBytes() {
        return usedBytes.get();
    }

    boolean isWaitedFor() {
        return isWaitedFor;
    }

    /** Lets a connection that has {@code ownBytes} have {@code bytes} in their place, if there is room. */
    boolean tryTake(long ownBytes, long bytes) {
        return (ownBytes > 0 || !isForWaiting) && tryTakeNow(ownBytes, bytes);
    }

    private boolean tryTakeNow(long ownBytes, long bytes) {
        while (true) {
            long used = usedBytes.get();
            long next = used - ownBytes + bytes;
            if (next > limitBytes && used != ownBytes) {
                return false;
            }
            if (usedBytes.compareAndSet(used, next)) {
                return true;
            }
        }
    }

    /** Takes memory whether there is room or not: somebody gives back more elsewhere. */
    void take(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    /** Takes memory back, and gives it to connections that wait. */
    void giveBack(long bytes) {
        usedBytes.addAndGet(-bytes);
        if (isWaitedFor) {
            grant();
        }
    }

    /** Lets a share wait. */
    void await(ReceiveShare share) {
        synchronized (this) {
            enter(share.isProven() ? waitingFirst : waiting, share);
            isWaitedFor = true;
        }
        grant(); // what has been given back meanwhile
    }

    /** Puts a share where its source has its next turn: each has one before any has another, however many shares it has. */
    private static void enter(List<ReceiveShare> queue, ReceiveShare share) {
        long turn = queue.stream()
                .filter(other -> other.source().equals(share.source()))
                .count();
        Map<ConnectionSource, Long> turns = new HashMap<>();
        int index = 0;
        for (ReceiveShare other : queue) {
            if (turns.merge(other.source(), 1L, Long::sum) > turn + 1) {
                break;
            }
            index++;
        }
        queue.add(index, share);
    }

    /** Forgets a share, if it waits. */
    void forget(ReceiveShare share) {
        synchronized (this) {
            waitingFirst.remove(share);
            waiting.remove(share);
        }
        grant(); // those for whom it stood in the way
    }

    /**
     * Gives what there is to connections that wait, in turn, first to those that have completed such messages before. One that
     * needs less than others may come before them, until one of those is overdue. Then only messages that have begun continue.
     */
    private synchronized void grant() {
        giveTurn();
        boolean isTurnKept = grant(waiting, grant(waitingFirst, false));
        isWaitedFor = !waiting.isEmpty() || !waitingFirst.isEmpty();
        isForWaiting = isTurnKept;
    }

    /**
     * Puts the first connection that has not completed such messages after those that have, if it has waited for long: a few
     * that send one after another must not keep it waiting for ever. One moves at a time, so that many that send little do not
     * take all.
     */
    private void giveTurn() {
        ReceiveShare first = waiting.isEmpty() ? null : waiting.get(0);
        long now = nanoClock.getAsLong();
        if (first != null && first.hasWaitedLong() && now - turnNanos >= TURN_NANOS) {
            waitingFirst.add(waiting.remove(0));
            turnNanos = now;
        }
    }

    private boolean grant(List<ReceiveShare> queue, boolean isKept) {
        boolean isTurnKept = isKept;
        for (Iterator<ReceiveShare> shares = queue.iterator(); shares.hasNext(); ) {
            ReceiveShare share = shares.next();
            long own = share.heldOf(this);
            if ((own > 0 || !isTurnKept) && tryTakeNow(own, share.askedBytes())) {
                shares.remove();
                share.onGranted();
            } else {
                isTurnKept |= share.isOverdue();
            }
        }
        return isTurnKept;
    }

    /** Returns whether somebody has waited for so long that it does not matter why. */
    synchronized boolean isWaitedForTooLong() {
        return Stream.concat(waitingFirst.stream(), waiting.stream()).anyMatch(ReceiveShare::hasWaitedTooLong);
    }

    /** Returns how much is to be given back soon so that connections that wait get on: at most half of all. */
    synchronized long wantedBytes() {
        grant();
        long wanted = Stream.concat(waitingFirst.stream(), waiting.stream())
                .mapToLong(share -> share.askedBytes() - share.heldOf(this))
                .sum();
        return Math.min(wanted, Math.max(1, limitBytes / 2));
    }
}
