package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatchRun;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Appends batches to a topic's log as far as there is room, and says when they leave it: the oldest first, where a bound of
 * the {@link TopicConfig} demands it, and none that a subscription holds. While there are batches whose age is bounded, one timer runs.
 *
 * <p>Confined to the topic's turn.
 */
final class Window {
    /** A timer evicts all that has come of age, so that a busy topic needs no timer per batch. */
    private static final long SHORTEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TopicConfig config;
    private final TopicLog log;
    private final BackPressure backPressure;
    private final Commits commits;
    private final TopicMemory memory;
    private final TopicCounts counts;
    private final Reclaimer reclaimer;
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
        this.commits = topic.commits();
        this.memory = topic.memory();
        this.onEvicted = onEvicted;
        this.counts = topic.counts();
        this.reclaimer = topic.broker().reclaimer();
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

    /**
     * Appends batches of a run, as far as that pushes no batch out of the window that must stay. Where this throws, those before the
     * appended offset have been appended.
     *
     * @param run borrowed; of what is appended, the log takes over what counts in the memory
     * @param dictionaries those of the publisher: the ones in force, and what of them the batch brings, if it is one
     * @param producer who has numbered it, if it is one; null for nobody
     * @param waitingBytes what the small batches count for that wait, these included
     */
    void append(
            IpcRecordBatchRun run,
            int from,
            int until,
            PublishedDictionaries dictionaries,
            @Nullable Producer producer,
            long waitingBytes) {
        long newBytes = dictionaries.newBytes();
        long before = log.appendedOffset();
        long leftBytes = waitingBytes;
        int next = from;
        try {
            while (next < until) {
                int end = hasRoom(WaitingMessages.weightBytes(run, next, until) + newBytes, until - next)
                        ? until
                        : next + 1;
                long weightBytes = WaitingMessages.weightBytes(run, next, end);
                if (!tryMakeRoom(weightBytes + newBytes, end - next)) {
                    break;
                }
                // Not of what has been replaced before it was appended: that is free, and others should not pay for it.
                reclaimer.onAppend(
                        weightBytes + Math.min(newBytes, dictionaries.head().heldBytes()));
                log.append(run, next, end, dictionaries, producer, leftBytes);
                leftBytes -= weightBytes;
                next = end;
            }
        } finally {
            onAppended(run, from, from + (int) (log.appendedOffset() - before)); // also of those before a failure
        }
    }

    private void onAppended(IpcRecordBatchRun run, int from, int until) {
        if (until > from) {
            long rows = 0;
            for (int i = from; i < until; i++) {
                rows += run.rowCount(i);
            }
            counts.onAppended(until - from, rows, run.end(until - 1) - (from == 0 ? 0 : run.end(from - 1)));
            setTimer();
            publishSize();
        }
    }

    /** Returns whether so many batches may come together: nothing must go for them that is held, nor one of them. */
    private boolean hasRoom(long weightBytes, int batches) {
        return weightBytes <= config.windowBytes()
                && batches <= config.windowBatches()
                && !mustStay(keptFrom(weightBytes, batches));
    }

    /** Returns whether a batch before an offset is not committed, or held by a subscription that blocks. */
    private boolean mustStay(long before) {
        return before > log.committedOffset()
                || (commits.durable() == null ? backPressure.isHeldBefore(before) : commits.isSurplusHeld());
    }

    /** As {@link BackPressure#holdBefore}: what is on disk as well is held by nobody. */
    private boolean holdBefore(long offset, boolean isTimed) {
        return commits.durable() == null && backPressure.holdBefore(offset, isTimed);
    }

    private long keptFrom(long weightBytes, int batches) {
        return log.keptFrom(config.windowBatches() - batches, config.windowBytes() - weightBytes);
    }

    /** Evicts what must go before batches may come; where some of that must stay, evicts nothing and returns false. */
    private boolean tryMakeRoom(long weightBytes, int batches) {
        long keptFrom = keptFrom(weightBytes, batches);
        if (keptFrom > log.committedOffset() || commits.holdSurplus(backPressure) || holdBefore(keptFrom, true)) {
            return false;
        }
        log.evictBefore(keptFrom);
        return true;
    }

    /**
     * Evicts the oldest blocks, as far as nobody holds a batch of them. Where none can go, the topic is not asked again until something
     * has changed.
     *
     * @param bytes how much is to go, or a little more; half of what every topic is granted stays in any case
     * @param sparesNewest whether the newest block stays in any case
     * @return how much has left the log, in bytes
     */
    long reclaim(long bytes, boolean sparesNewest) {
        long keptBytes = memory.budget().grantedTopicBytes() / 2;
        long before = log.bytes();
        TopicMemory.Held held = TopicMemory.Held.NOTHING;
        while (before - log.bytes() < bytes && log.bytes() > keptBytes && log.blockCount() > (sparesNewest ? 1 : 0)) {
            long next = log.oldestBlockEnd();
            if (next > log.committedOffset()) {
                break; // there will be something when that is committed
            }
            if (holdBefore(next, memory.budget().isShort())) { // a holder tells when it has moved on
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
            if (holdBefore(log.firstOffset() + 1, false)) {
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

    /** Batches have been committed: they may leave. */
    void onCommitted() {
        setTimer();
        publishSize();
    }

    /** Releases all batches, also those that are not committed. */
    void close() {
        log.evictBefore(log.appendedOffset());
        publishSize();
        timer.stop();
    }
}
