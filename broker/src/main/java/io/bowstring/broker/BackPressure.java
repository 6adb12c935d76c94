package io.bowstring.broker;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Keeps publications in a line until their topic's window has room. A batch must leave the window to make room. A subscription
 * that blocks holds the batches that it has not taken yet, and a batch that is held stays.
 *
 * <pre>
 *   publications in line ──► room in the window ──► subscriptions that block
 *   first, second, ...       batches before an      hold what they have not taken;
 *                            offset must go         their time counts
 * </pre>
 *
 * <p>When there is room again, the first publication appends one batch and goes to the end of the line. So none waits for more than
 * one batch of each other one. Dictionaries need no room.
 *
 * <p>A subscription that stands still for the time limit while somebody waits for it holds nothing from then on: it is one that will
 * be disconnected when it falls out of the window. So is one that takes less than a rate in the time in which somebody waits for it,
 * added up to the time limit: else one batch now and then would hold publishers for ever. One timer runs while somebody waits.
 *
 * <p>Confined to the topic's turn, except {@link #isAwaited()}.
 */
final class BackPressure {
    private final TopicTurn turn;
    private final MemoryBudget memory;
    private final long timeoutNanos;
    private final double minBytesPerNano;
    private final Runnable onRoom;
    private final TopicTimer timer;

    /** In the order in which they began to wait. */
    private final Set<Publication> line = new LinkedHashSet<>();

    private final Map<TopicSubscription, Stand> stands = new LinkedHashMap<>();

    /** Somebody waits for the log to drop the batches before this offset. */
    private long awaitedBefore;

    /** Somebody waits for a batch that a subscription holds. Subscriptions read this on their own loops. */
    private volatile boolean isAwaited;

    /**
     * Creates the back-pressure of a topic that nobody attends.
     *
     * @param limits how slow a subscription may be while somebody waits for it
     * @param memory where that is short, somebody waits for all that is held
     * @param onRoom runs where there may be room: some hold nothing any more, or one has left the line
     */
    BackPressure(TopicTurn turn, BlockLimits limits, MemoryBudget memory, Runnable onRoom) {
        this.turn = turn;
        this.memory = memory;
        this.timeoutNanos = TopicTurn.toNanos(limits.blockTimeout());
        this.minBytesPerNano = limits.minBlockBytesPerSecond() / 1e9;
        this.onRoom = onRoom;
        this.timer = new TopicTimer(turn, this::onTimer);
    }

    // Publications.

    /** A publication has something to append: it does so at once, unless others wait or there is no room. */
    void enter(Publication publication) {
        publication.takeDictionaries();
        while (line.isEmpty() && publication.isWaiting()) {
            if (!publication.tryAppendNext(Integer.MAX_VALUE)) {
                line.add(publication);
            }
        }
        if (publication.isWaiting()) {
            line.add(publication); // where it is not in it already
        }
        publication.tellCommitted();
    }

    /** A publication is over; those after it in the line may have room. */
    void leave(Publication publication) {
        boolean wasInLine = line.remove(publication);
        endWait();
        if (wasInLine && !line.isEmpty()) {
            turn.execute(onRoom);
        }
    }

    /** There may be room. */
    void serve() {
        boolean hasRoom = true;
        while (hasRoom && !line.isEmpty()) {
            Publication first = line.iterator().next();
            hasRoom = serve(first);
            boolean isNextAgain = hasRoom && line.size() == 1 && line.contains(first);
            if (!isNextAgain) {
                first.guarded(first::tellCommitted);
            }
        }
        endWait();
    }

    private boolean serve(Publication first) {
        if (!first.tryAppendNext(line.size() > 1 ? 1 : Integer.MAX_VALUE)) {
            return false;
        }
        line.remove(first);
        if (first.isWaiting()) {
            line.add(first);
        }
        return true;
    }

    // Subscriptions.

    /** A subscription that blocks has come. */
    void add(TopicSubscription subscription) {
        stands.put(subscription, new Stand(subscription));
    }

    /** These hold nothing from now on; idempotent. */
    void remove(Collection<TopicSubscription> subscriptions) {
        stands.keySet().removeAll(subscriptions);
    }

    /** Returns whether a batch before an offset must stay. */
    boolean isHeldBefore(long offset) {
        for (TopicSubscription subscription : stands.keySet()) {
            if (subscription.holdsBefore(offset)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether a batch before an offset must stay, though somebody wants it to go; if so, the next subscription to move on tells
     * the topic.
     *
     * @param isTimed whether from now on the time of each subscription that holds one counts
     */
    boolean holdBefore(long offset, boolean isTimed) {
        if (!isHeldBefore(offset)) {
            return false;
        }
        isAwaited = true; // and look again, for the subscription may have moved before it could see this
        if (!isHeldBefore(offset)) {
            return false;
        }
        if (isTimed) {
            awaitedBefore = timer.isRunning() ? Math.max(offset, awaitedBefore) : offset;
            observe(offset);
            if (!timer.isRunning()) {
                startTimer();
            }
        }
        return true;
    }

    /** Returns whether the topic wants to hear of it when a subscription that blocks moves on. For any thread. */
    boolean isAwaited() {
        return isAwaited;
    }

    /** The topic has heard of it; {@link #serve} follows. */
    void onMoved() {
        isAwaited = false;
    }

    // Their time.

    private boolean isAnybodyWaiting() {
        return !line.isEmpty() || memory.isShort();
    }

    /** Lets nobody's time count where nobody waits any longer. */
    private void endWait() {
        if (timer.isRunning() && !isAnybodyWaiting()) {
            stop();
            observe(0);
        }
    }

    /** Notes where each stands; from now on the time of those counts that hold a batch before an offset. */
    private void observe(long beforeOffset) {
        long now = turn.nanos();
        stands.values().forEach(stand -> stand.observe(beforeOffset, now));
    }

    private void startTimer() {
        long now = turn.nanos();
        stands.values().stream()
                .filter(Stand::isWaitedFor)
                .mapToLong(stand -> timeoutNanos - stand.longestNanos(now))
                .min()
                .ifPresent(leftNanos -> timer.start(Math.max(0, leftNanos)));
    }

    private void onTimer() {
        observe(isAnybodyWaiting() ? awaitedBefore : 0);
        long now = turn.nanos();
        boolean hasLetGo = stands.values().removeIf(stand -> stand.isWaitedFor() && isTooSlow(stand, now));
        startTimer();
        if (hasLetGo) {
            onRoom.run();
        }
    }

    /** Judges one that holds; one that has taken enough in the time limit has as much time again. */
    private boolean isTooSlow(Stand stand, long now) {
        if (stand.stillNanos(now) >= timeoutNanos) {
            return true;
        }
        if (stand.waitedNanos(now) < timeoutNanos) {
            return false;
        }
        boolean isTooSlow = stand.takenBytes() < minBytesPerNano * stand.waitedNanos(now);
        stand.restart(now);
        return isTooSlow;
    }

    /** Stops the timer. */
    void stop() {
        timer.stop();
    }

    /** How long a subscription has been waited for, and what it has done meanwhile. */
    private static final class Stand {
        private final TopicSubscription subscription;
        private boolean isWaitedFor;

        /** Where it stands, and since when it has stood there and been waited for without a break. */
        private long offset;

        private long stillSinceNanos;

        /** How long it had been waited for before the present wait, and when that began. */
        private long waitedNanos;

        private long waitSinceNanos;

        /** How many bytes it had taken when {@link #waitedNanos} was 0 last. */
        private long bytesBefore;

        private Stand(TopicSubscription subscription) {
            this.subscription = subscription;
        }

        private boolean isWaitedFor() {
            return isWaitedFor;
        }

        /** Notes where it stands now; somebody waits for it from now on where it holds a batch before an offset. */
        private void observe(long beforeOffset, long now) {
            long nextOffset = subscription.nextOffset();
            if (!isWaitedFor || offset != nextOffset) {
                offset = nextOffset;
                stillSinceNanos = now;
            }
            waitedNanos = waitedNanos(now);
            waitSinceNanos = now;
            isWaitedFor = subscription.holdsBefore(beforeOffset);
        }

        private void restart(long now) {
            waitedNanos = 0;
            waitSinceNanos = now;
            bytesBefore = subscription.takenBytes();
        }

        private long takenBytes() {
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
