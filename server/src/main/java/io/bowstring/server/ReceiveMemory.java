package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.netty.channel.Channel;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What all connections together may hold for messages that are arriving. A quarter is for those that need little, so
 * that large messages never keep them waiting. Where there is no room a connection is not read until there is. Meanwhile
 * those whose message hardly continues are cut, first those that have held most for longest; those that the server itself
 * does not read last, and only where somebody has waited for half a minute.
 *
 * <p>Thread-safe. Nobody looks for whom to cut until somebody waits.
 */
final class ReceiveMemory {
    /** Messages that need no more than this have the quarter of the memory for themselves. */
    static final int SMALL_BYTES = 128 << 10;

    /** A share as it was when it was looked at: its own loop changes it meanwhile. */
    private record Holder(ReceiveShare share, boolean isProven, double byteSeconds) {
        private static final Comparator<Holder> WORST_FIRST = Comparator.comparing(Holder::isProven)
                .thenComparing(Comparator.comparingDouble(Holder::byteSeconds).reversed());
    }

    private final ReceivePool small;
    private final ReceivePool large;
    private final Counters counters;
    private final LongSupplier nanoClock;
    private final Consumer<Runnable> later;
    private final Set<ReceiveShare> shares = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isLookDue = new AtomicBoolean();

    /**
     * Creates the memory of a server.
     *
     * @param later runs a task after a moment, half a second for example
     */
    ReceiveMemory(long limitBytes, Counters counters, LongSupplier nanoClock, Consumer<Runnable> later) {
        this.small = new ReceivePool(limitBytes / 4, nanoClock);
        this.large = new ReceivePool(limitBytes - limitBytes / 4, nanoClock);
        this.counters = counters;
        this.nanoClock = nanoClock;
        this.later = later;
    }

    /** Returns the share of a connection, which ends with its channel. */
    ReceiveShare newShare(Channel channel, ConnectionSource source) {
        ReceiveShare share = new ReceiveShare(this, channel, source);
        shares.add(share);
        channel.closeFuture().addListener(closed -> shares.remove(share));
        return share;
    }

    /** Returns how much is in use, in bytes. */
    long usedBytes() {
        return small.usedBytes() + large.usedBytes();
    }

    ReceivePool poolFor(long bytes) {
        return bytes <= SMALL_BYTES ? small : large;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }

    /** A connection waits. */
    void onWaiting() {
        counters.increment(Counter.MESSAGES_PAUSED_FOR_MEMORY);
        lookLater();
    }

    private void lookLater() {
        if (isLookDue.compareAndSet(false, true)) {
            later.accept(this::look);
        }
    }

    private void look() {
        isLookDue.set(false);
        try {
            relieve(small);
            relieve(large);
        } finally {
            if (small.isWaitedFor() || large.isWaitedFor()) {
                lookLater();
            }
        }
    }

    private void relieve(ReceivePool pool) {
        long wantedBytes = pool.wantedBytes();
        if (wantedBytes == 0) {
            return;
        }
        long now = nanoTime();
        List<ReceiveShare> holders = shares.stream()
                .filter(share -> share.heldOf(pool) > 0)
                .map(share -> new Holder(share, share.isProven(), share.heldByteSeconds(now)))
                .sorted(Holder.WORST_FIRST)
                .map(Holder::share)
                .toList();
        if (!holders.isEmpty() && holders.stream().allMatch(ReceiveShare::isWaiting)) {
            holders.get(0).cut(); // they wait for each other
            return;
        }
        boolean hasCut = false;
        for (ReceiveShare share : holders) {
            if (share.isSlow(pool, now) && wantedBytes > 0 && !share.isWaiting()) {
                wantedBytes -= share.heldOf(pool);
                share.cut();
                hasCut = true;
            }
        }
        if (!hasCut && pool.isWaitedForTooLong()) { // rather than that nobody ever gets on
            holders.stream().filter(share -> !share.isRead()).findFirst().ifPresent(ReceiveShare::cut);
        }
    }

    /** A message has been given up. */
    void onCut() {
        counters.increment(Counter.MESSAGES_CUT_FOR_MEMORY);
    }
}
