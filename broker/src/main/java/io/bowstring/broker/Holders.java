package io.bowstring.broker;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a topic that block: which batches they hold, and for how long. One that stands still for the
 * time limit while somebody waits for it holds nothing from then on: it is a subscription that will be disconnected when
 * it falls out of the window. One timer runs while somebody waits.
 *
 * <p>Confined to the topic's loop, except {@link #isAwaited()}.
 */
final class Holders {
    private final EventExecutor loop;
    private final LoopClock clock;
    private final long timeoutNanos;
    private final BooleanSupplier isWaitedFor;
    private final Runnable onLetGo;
    private final Map<Subscription, Stand> subscriptions = new LinkedHashMap<>();
    private @Nullable ScheduledFuture<?> timer;

    /** What is in front of this offset is to go. */
    private long awaitedBefore;

    /** A batch is to go that one of them holds. Read by them on their own loops. */
    private volatile boolean isAwaited;

    /**
     * Creates the holders of a topic's batches; there are none yet.
     *
     * @param timeout how long a subscription may stand still while somebody waits for it
     * @param isWaitedFor whether somebody waits
     * @param onLetGo runs where some hold nothing any more
     */
    Holders(EventExecutor loop, Duration timeout, BooleanSupplier isWaitedFor, Runnable onLetGo) {
        this.loop = loop;
        this.clock = new LoopClock(loop);
        this.timeoutNanos = LoopClock.toNanos(timeout);
        this.isWaitedFor = isWaitedFor;
        this.onLetGo = onLetGo;
    }

    void add(Subscription subscription) {
        subscriptions.put(subscription, new Stand());
    }

    void remove(Subscription subscription) {
        subscriptions.remove(subscription);
    }

    /** None of them holds anything from now on. */
    void letGo() {
        subscriptions.clear();
    }

    /** Returns whether a batch in front of an offset must stay; if so, the next to move on tells the topic. */
    boolean holdBefore(long offset) {
        if (!isHeldBefore(offset)) {
            return false;
        }
        isAwaited = true; // and look again, for the subscription may have moved before it could see this
        return isHeldBefore(offset);
    }

    /** Returns whether a batch in front of an offset must stay. */
    boolean isHeldBefore(long offset) {
        for (Subscription subscription : subscriptions.keySet()) {
            if (subscription.holdsBefore(offset)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the topic wants to hear of it when one of these moves on. For any thread. */
    boolean isAwaited() {
        return isAwaited;
    }

    /** The topic has heard of it. */
    void onMoved() {
        isAwaited = false;
    }

    /** Somebody waits for the batches in front of an offset to go, some of which are held: the time of who does counts. */
    void onWait(long offset) {
        awaitedBefore = timer == null ? offset : Math.max(offset, awaitedBefore);
        long now = clock.nanos();
        subscriptions.forEach((subscription, stand) -> {
            if (subscription.holdsBefore(offset)) {
                stand.observe(subscription.nextOffset(), now);
            }
        });
        if (timer == null) {
            setTimer(timeoutNanos);
        }
    }

    /** Forgets whose time counts where nobody waits any longer. */
    void onWaitOver() {
        if (timer != null && !isWaitedFor.getAsBoolean()) {
            stop();
            subscriptions.values().forEach(Stand::forget);
        }
    }

    private void onTimer() {
        timer = null;
        if (!isWaitedFor.getAsBoolean()) {
            subscriptions.values().forEach(Stand::forget);
            return;
        }
        long now = clock.nanos();
        long longestNanos = -1;
        boolean hasLetGo = false;
        Iterator<Map.Entry<Subscription, Stand>> holders =
                subscriptions.entrySet().iterator();
        while (holders.hasNext()) {
            Map.Entry<Subscription, Stand> holder = holders.next();
            if (holder.getKey().holdsBefore(awaitedBefore)) {
                long nanos = holder.getValue().observe(holder.getKey().nextOffset(), now);
                if (nanos >= timeoutNanos) {
                    holders.remove();
                    hasLetGo = true;
                } else {
                    longestNanos = Math.max(longestNanos, nanos);
                }
            }
        }
        if (longestNanos >= 0) {
            setTimer(timeoutNanos - longestNanos);
        }
        if (hasLetGo) {
            onLetGo.run();
        }
    }

    private void setTimer(long delayNanos) {
        timer = loop.schedule(this::onTimer, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Stops the timer. */
    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Where a subscription stood when somebody waited for it, and since when. */
    private static final class Stand {
        private static final long NOWHERE = -1;

        private long offset = NOWHERE;
        private long sinceNanos;

        /** Notes where it stands now; returns for how long it has. */
        private long observe(long nextOffset, long nowNanos) {
            if (offset != nextOffset) {
                offset = nextOffset;
                sinceNanos = nowNanos;
            }
            return nowNanos - sinceNanos;
        }

        private void forget() {
            offset = NOWHERE;
        }
    }
}
