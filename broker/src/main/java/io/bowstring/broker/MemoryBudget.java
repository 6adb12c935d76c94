package io.bowstring.broker;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One limit for what all topics hold and all publishers have in flight. A message counts from when its publisher hands it
 * over until its memory is free, wherever it went: also in the queue of a socket, after it has left its log.
 *
 * <pre>
 *   0 ─────────────── 75 % ──────── 80 % ──────── 85 % ──────── 95 % ─────── 100 %
 *                     │ windows     │ publishers  │ publishers  │ no more connections for
 *                     │ shrink      │ continue    │ pause       │ those who have many
 * </pre>
 *
 * <p>Publishers pause whose {@linkplain TopicMemory topic} uses more than its share: more than is left, or than its part of
 * a quarter of all, which is shared by the topics that use anything. So one topic's readers do not stop the publishers of
 * another.
 *
 * <p>What is kept is nobody's to evict: dictionaries in force, and what the {@link MemoryShare}s of connections and topics
 * have. It may take half of all, so that there is always something to shrink.
 *
 * <p>Thread-safe; takes no locks.
 */
final class MemoryBudget {
    /** As many shares as this makes have together as much as may be kept: about as many as there are connections. */
    private static final int GRANT_SHIFT = 14;

    private final long limitBytes;
    private final long tightBytes;
    private final long resumeBytes;
    private final long shortBytes;
    private final long fullBytes;
    private final long maxKeptBytes;
    private final Runnable onShort;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong keptBytes = new AtomicLong();
    private final AtomicBoolean isShort = new AtomicBoolean();
    private final AtomicInteger topicsInUse = new AtomicInteger();

    /** Those that have publishers, and how many. */
    private final ConcurrentMap<TopicMemory, Integer> topics = new ConcurrentHashMap<>();

    /**
     * Creates a budget of which nothing is used.
     *
     * @param onShort runs where publishers have just been paused, on whichever thread
     */
    MemoryBudget(long limitBytes, Runnable onShort) {
        this.limitBytes = limitBytes;
        this.tightBytes = percent(limitBytes, 75);
        this.resumeBytes = percent(limitBytes, 80);
        this.shortBytes = percent(limitBytes, 85);
        this.fullBytes = percent(limitBytes, 95);
        this.maxKeptBytes = percent(limitBytes, 50);
        this.onShort = onShort;
    }

    private static long percent(long bytes, int percent) {
        return (long) (bytes * (percent / 100.0));
    }

    /** A topic has one more publisher, and is to hear when memory is short and when it is not any more. */
    void join(TopicMemory topic) {
        topics.merge(topic, 1, Integer::sum);
    }

    /** It has one less. */
    void leave(TopicMemory topic) {
        topics.computeIfPresent(topic, (key, publishers) -> publishers == 1 ? null : publishers - 1);
    }

    /** So many topics more use some of the memory, or less. */
    void onInUse(int moreTopics) {
        topicsInUse.addAndGet(moreTopics);
    }

    /** Counts some, whatever comes of it: only where the heap is exhausted may this fail, after it has counted. */
    void add(long bytes) {
        if (usedBytes.addAndGet(bytes) > shortBytes && !isShort.get()) {
            update();
        }
    }

    void remove(long bytes) {
        if (usedBytes.addAndGet(-bytes) <= resumeBytes && isShort.get()) {
            update();
        }
    }

    /**
     * Notes that so much more of what is used is nobody's to evict, or less where this is negative; its keeper looks whether there is
     * {@link #room} for it.
     */
    void keep(long bytes) {
        keptBytes.addAndGet(bytes);
    }

    /** Pauses publishers or lets them continue, and looks again: what another thread did meanwhile may call for the other. */
    private void update() {
        while (true) {
            long used = usedBytes.get();
            if (used > shortBytes && isShort.compareAndSet(false, true)) {
                try {
                    judgeTopics();
                } finally {
                    onShort.run();
                }
            } else if (used > resumeBytes || !isShort.compareAndSet(true, false)) {
                return;
            } else {
                judgeTopics();
            }
        }
    }

    /** Looks at all topics that have publishers: what each may use has changed. */
    void judgeTopics() {
        topics.keySet().forEach(TopicMemory::judge);
    }

    /** Returns what one topic may use where memory is short, in bytes. */
    long shareBytes() {
        return Math.max(limitBytes - usedBytes.get(), grantedTopicBytes());
    }

    /** Returns what each topic may use in any case, in bytes: half of it for batches that are only retained. */
    long grantedTopicBytes() {
        return limitBytes / 4 / Math.max(1, topicsInUse.get());
    }

    long limitBytes() {
        return limitBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }

    /** Returns how much may be kept, in bytes. */
    long maxKeptBytes() {
        return maxKeptBytes;
    }

    /** Returns how much one {@link MemoryShare} may have in any case, in bytes. */
    long grantedBytes() {
        return maxKeptBytes >> GRANT_SHIFT;
    }

    /** Returns how much one may keep, in bytes: no more than is left for all others, but for what is granted to it. */
    long room(long grantedBytes) {
        return Math.max(grantedBytes, maxKeptBytes - keptBytes.get());
    }

    /** Returns whether windows should shrink. */
    boolean isTight() {
        return usedBytes.get() > tightBytes;
    }

    /** Returns whether publishers pause of topics that use more than their share. */
    boolean isShort() {
        return isShort.get();
    }

    /** Returns how much must become free before publishers may continue. */
    long missingBytes() {
        return Math.max(0, usedBytes.get() - resumeBytes);
    }

    /** Returns whether nobody new should come. */
    boolean isFull() {
        return usedBytes.get() > fullBytes;
    }
}
