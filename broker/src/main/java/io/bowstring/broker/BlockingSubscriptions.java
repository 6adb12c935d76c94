package io.bowstring.broker;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The subscriptions of a topic that block: which batches they hold, and for how long. One that stands still for the
 * time limit while somebody waits for it holds nothing from then on: it is a subscription that will be disconnected when
 * it falls out of the window. So is one that takes less than a rate in the time in which somebody waits for it, added up
 * to the time limit: else one batch now and then would hold publishers for ever. One timer runs while somebody waits.
 *
 * <p>Confined to the topic's turn, except {@link #isAwaited()}.
 */
final class BlockingSubscriptions {
    private final TopicTurn turn;
    private final long timeoutNanos;
    private final double minBytesPerNano;
    private final BooleanSupplier isWaitedFor;
    private final Runnable onLetGo;
    private final Map<TopicSubscription, Stand> subscriptions = new LinkedHashMap<>();
    private final TopicTimer timer;

    /** Somebody waits for the log to drop the batches before this offset. */
    private long awaitedBefore;

    /** Somebody waits for a batch that a subscription holds. Subscriptions read this on their own loops. */
    private volatile boolean isAwaited;

    /**
     * Creates the holders of a topic's batches; there are none yet.
     *
     * @param timeout how long a subscription may stand still while somebody waits for it
     * @param minBytesPerSecond how fast a subscription must take what it holds while somebody waits for it
     * @param isWaitedFor whether somebody waits
     * @param onLetGo runs where some hold nothing any more
     */
    BlockingSubscriptions(
            TopicTurn turn, Duration timeout, long minBytesPerSecond, BooleanSupplier isWaitedFor, Runnable onLetGo) {
        this.timer = new TopicTimer(turn, this::onTimer);
        this.turn = turn;
        this.timeoutNanos = TopicTurn.toNanos(timeout);
        this.minBytesPerNano = minBytesPerSecond / 1e9;
        this.isWaitedFor = isWaitedFor;
        this.onLetGo = onLetGo;
    }

    void add(TopicSubscription subscription) {
        subscriptions.put(subscription, new Stand());
    }

    /** It holds nothing from now on; idempotent. */
    void remove(TopicSubscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Returns whether a batch before an offset must stay; if so, the next to move on tells the topic. */
    boolean holdBefore(long offset) {
        if (!isHeldBefore(offset)) {
            return false;
        }
        isAwaited = true; // and look again, for the subscription may have moved before it could see this
        return isHeldBefore(offset);
    }

    /** Returns whether a batch before an offset must stay. */
    boolean isHeldBefore(long offset) {
        for (TopicSubscription subscription : subscriptions.keySet()) {
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

    /** Somebody waits for the batches before an offset to go; from now on the time of each subscription that holds one counts. */
    void onWait(long offset) {
        awaitedBefore = !timer.isRunning() ? offset : Math.max(offset, awaitedBefore);
        long now = turn.nanos();
        subscriptions.forEach(
                (subscription, stand) -> stand.observe(subscription, subscription.holdsBefore(offset), now));
        if (!timer.isRunning()) {
            long longestNanos = subscriptions.values().stream()
                    .mapToLong(stand -> stand.waitedNanos(now))
                    .max()
                    .orElse(0);
            timer.start(Math.max(0, timeoutNanos - longestNanos));
        }
    }

    /** Lets nobody's time count where nobody waits any longer. */
    void onWaitOver() {
        if (timer.isRunning() && !isWaitedFor.getAsBoolean()) {
            stop();
            pauseAll();
        }
    }

    private void pauseAll() {
        long now = turn.nanos();
        subscriptions.forEach((subscription, stand) -> stand.observe(subscription, false, now));
    }

    private void onTimer() {
        if (!isWaitedFor.getAsBoolean()) {
            pauseAll();
            return;
        }
        long now = turn.nanos();
        long leftNanos = Long.MAX_VALUE;
        boolean hasLetGo = false;
        Iterator<Map.Entry<TopicSubscription, Stand>> holders =
                subscriptions.entrySet().iterator();
        while (holders.hasNext()) {
            Map.Entry<TopicSubscription, Stand> holder = holders.next();
            TopicSubscription subscription = holder.getKey();
            Stand stand = holder.getValue();
            boolean holds = subscription.holdsBefore(awaitedBefore);
            stand.observe(subscription, holds, now);
            if (holds && isTooSlow(subscription, stand, now)) {
                holders.remove();
                hasLetGo = true;
            } else if (holds) {
                leftNanos = Math.min(leftNanos, timeoutNanos - stand.longestNanos(now));
            }
        }
        if (leftNanos < Long.MAX_VALUE) {
            timer.start(leftNanos);
        }
        if (hasLetGo) {
            onLetGo.run();
        }
    }

    /** Judges one that holds; one that has taken enough in the time limit has as much time again. */
    private boolean isTooSlow(TopicSubscription subscription, Stand stand, long now) {
        if (stand.stillNanos(now) >= timeoutNanos) {
            return true;
        }
        if (stand.waitedNanos(now) < timeoutNanos) {
            return false;
        }
        boolean isTooSlow = stand.takenBytes(subscription) < minBytesPerNano * stand.waitedNanos(now);
        stand.restart(subscription, now);
        return isTooSlow;
    }

    /** Stops the timer. */
    void stop() {
        timer.stop();
    }

    /** How long a subscription has been waited for, and what it has done meanwhile. */
    private static final class Stand {
        private boolean isWaitedFor;

        /** Where it stands, and since when it has stood there and been waited for without a break. */
        private long offset;

        private long stillSinceNanos;

        /** How long it had been waited for before the present wait, and when that began. */
        private long waitedNanos;

        private long waitSinceNanos;

        /** What it had taken when that time began to be added up. */
        private long bytesBefore;

        /** Notes where it stands now, and whether somebody waits for it from now on. */
        private void observe(TopicSubscription subscription, boolean isNowWaitedFor, long now) {
            long nextOffset = subscription.nextOffset();
            if (!isWaitedFor || offset != nextOffset) {
                offset = nextOffset;
                stillSinceNanos = now;
            }
            waitedNanos = waitedNanos(now);
            waitSinceNanos = now;
            isWaitedFor = isNowWaitedFor;
        }

        private void restart(TopicSubscription subscription, long now) {
            waitedNanos = 0;
            waitSinceNanos = now;
            bytesBefore = subscription.takenBytes();
        }

        private long takenBytes(TopicSubscription subscription) {
            return subscription.takenBytes() - bytesBefore;
        }

        private long stillNanos(long now) {
            return now - stillSinceNanos;
        }

        private long waitedNanos(long now) {
            return isWaitedFor ? waitedNanos + now - waitSinceNanos : waitedNanos;
        }

        private long longestNanos(long now) {
            return Math.max(stillNanos(now), waitedNanos(now));
        }
    }
}
