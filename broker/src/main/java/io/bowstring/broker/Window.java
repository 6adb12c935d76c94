package io.bowstring.broker;

import java.util.concurrent.TimeUnit;

/**
 * Says when batches leave a topic's log: the oldest first, where a bound of the {@link TopicConfig} demands it, and none
 * that a subscription holds. While there are batches whose age is bounded, one timer runs.
 *
 * <p>Confined to the topic's turn.
 */
final class Window {
    /** A timer evicts all that has come of age, so that a busy topic needs no timer per batch. */
    private static final long SHORTEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TopicConfig config;
    private final TopicLog log;
    private final BackPressure backPressure;
    private final TopicMemory memory;
    private final Runnable onEvicted;
    private final TopicTurn turn;
    private final long ageNanos;
    private final TopicTimer timer;

    private final WindowIndex.Place sparePlace;
    private final WindowIndex.Place retainedPlace;

    /** The oldest batch is too old and held: it goes when its holder moves on, and no timer runs until then. */
    private boolean isOverdue;

    /**
     * Creates the window of an empty log.
     *
     * @param topic whose window this is
     * @param onEvicted runs where batches have left at another time than right before an append
     */
    Window(TopicConfig config, TopicLog log, BackPressure backPressure, Topic topic, Runnable onEvicted) {
        this.config = config;
        this.log = log;
        this.backPressure = backPressure;
        this.memory = topic.memory();
        this.onEvicted = onEvicted;
        Reclaimer reclaimer = topic.broker().reclaimer();
        this.sparePlace = reclaimer.spare().newPlace(topic);
        this.retainedPlace = reclaimer.retained().newPlace(topic);
        this.turn = topic.turn();
        this.timer = new TopicTimer(turn, this::evictAged);
        this.ageNanos = TopicTurn.toNanos(config.windowAge());
    }

    /** Returns the bound on the memory of the log. */
    long bytes() {
        return config.windowBytes();
    }

    /** Returns whether so many batches may come together: nothing must go for them that is held, nor one of them. */
    boolean hasRoom(long weightBytes, int batches) {
        return weightBytes <= config.windowBytes()
                && batches <= config.windowBatches()
                && !backPressure.isHeldBefore(keptFrom(weightBytes, batches));
    }

    private long keptFrom(long weightBytes, int batches) {
        return log.keptFrom(config.windowBatches() - batches, config.windowBytes() - weightBytes);
    }

    /** Evicts what must go before batches may come; where some of that is held, evicts nothing and returns false. */
    boolean tryMakeRoom(long weightBytes, int batches) {
        long keptFrom = keptFrom(weightBytes, batches);
        if (backPressure.holdBefore(keptFrom, true)) {
            return false;
        }
        log.evictBefore(keptFrom);
        return true;
    }

    /** A batch has been appended. */
    void onAppended() {
        setTimer();
        publishSize();
    }

    /**
     * Evicts the oldest blocks, as far as nobody holds a batch of them. Where none can go, the topic is not asked again until something
     * has changed.
     *
     * @param bytes how much is to go, or a little more
     * @param keptBytes how much stays in any case
     * @param sparesNewest whether the newest block stays in any case
     * @param isShort whether publishers wait for that, so that the time of subscriptions that hold a batch counts
     * @return how much has left the log, in bytes
     */
    long reclaim(long bytes, long keptBytes, boolean sparesNewest, boolean isShort) {
        long before = log.bytes();
        TopicMemory.Held held = TopicMemory.Held.NOTHING;
        while (before - log.bytes() < bytes && log.bytes() > keptBytes && log.blockCount() > (sparesNewest ? 1 : 0)) {
            long next = log.oldestBlockEnd();
            if (backPressure.holdBefore(next, isShort)) { // a holder tells when it has moved on
                held = new TopicMemory.Held(log.bytes() - keptBytes, log.firstOffset() + (log.size() + 1) / 2);
                break;
            }
            log.evictBefore(next);
        }
        memory.setHeld(held);
        long evicted = before - log.bytes();
        if (evicted > 0) {
            onEvicted();
        } else {
            sparePlace.leave();
            retainedPlace.leave();
        }
        return evicted;
    }

    private void publishSize() {
        long all = log.bytes();
        retainedPlace.set(all);
        sparePlace.set(all - log.newestBlockBytes());
    }

    private void onEvicted() {
        if (log.size() == 0) {
            timer.stop();
        }
        publishSize();
        onEvicted.run();
    }

    /** A subscription that blocks has moved on, or is gone. */
    void onMoved() {
        if (isOverdue) {
            evictAged();
        }
        publishSize(); // something may be to be had again
    }

    private void evictAged() {
        isOverdue = false;
        long end = log.firstOffset();
        while (log.size() > 0 && turn.nanos() - log.firstAppendedNanos() >= ageNanos) {
            if (backPressure.holdBefore(log.firstOffset() + 1, false)) {
                isOverdue = true;
                break;
            }
            log.evictBefore(log.firstOffset() + 1);
        }
        setTimer();
        if (log.firstOffset() > end) {
            onEvicted();
        }
    }

    private void setTimer() {
        if (ageNanos > 0 && !timer.isRunning() && !isOverdue && log.size() > 0) {
            long delayNanos = log.firstAppendedNanos() + ageNanos - turn.nanos();
            timer.start(Math.max(delayNanos, SHORTEST_DELAY_NANOS));
        }
    }

    /** Releases all batches. */
    void close() {
        log.close();
        publishSize();
        timer.stop();
    }
}
