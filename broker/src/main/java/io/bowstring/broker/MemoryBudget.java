package io.bowstring.broker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One limit for what all topics hold and all publishers have in flight. A message counts from when its publisher hands it
 * over until its memory is free, wherever it went: also in the queue of a socket, after it has left its log.
 *
 * <pre>
 *   0 ─────────────── 75 % ──────── 80 % ──────── 85 % ──────── 95 % ─────── 100 %
 *                     │ windows     │ publishers  │ publishers  │ connections
 *                     │ shrink      │ go on       │ pause       │ are refused
 * </pre>
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
    private final Set<Publication> publications = ConcurrentHashMap.newKeySet();

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

    /** A publisher is to hear when memory is short and when it is not any more. */
    void join(Publication publication) {
        publications.add(publication);
        if (isShort.get()) {
            publication.onMemory();
        }
    }

    void leave(Publication publication) {
        publications.remove(publication);
    }

    void add(long bytes) {
        usedBytes.addAndGet(bytes);
        update();
    }

    void remove(long bytes) {
        usedBytes.addAndGet(-bytes);
        update();
    }

    /** Counts what a {@link MemoryShare} has, which looks itself whether there is room for it. */
    void keep(long bytes) {
        keptBytes.addAndGet(bytes);
        add(bytes);
    }

    /** Takes back a {@link #keep}. */
    void free(long bytes) {
        keptBytes.addAndGet(-bytes);
        remove(bytes);
    }

    /**
     * Notes that a message that counts is a dictionary in force; returns whether there is room for that. Where there is not,
     * it is noted all the same, until its memory is free.
     */
    boolean addDictionary(long bytes) {
        return keptBytes.addAndGet(bytes) <= maxKeptBytes;
    }

    /** A dictionary's memory is free. */
    void removeDictionary(long bytes) {
        free(bytes);
    }

    /** Pauses publishers or lets them go on, and looks again: what another thread did meanwhile may call for the other. */
    private void update() {
        while (true) {
            long used = usedBytes.get();
            if (used > shortBytes && isShort.compareAndSet(false, true)) {
                publications.forEach(Publication::onMemory);
                onShort.run();
            } else if (used > resumeBytes || !isShort.compareAndSet(true, false)) {
                return;
            } else {
                publications.forEach(Publication::onMemory);
            }
        }
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

    /** Returns how much may be kept beside what is kept now, in bytes; below 0 where that is too much. */
    long leftBytes() {
        return maxKeptBytes - keptBytes.get();
    }

    /** Returns whether windows should shrink. */
    boolean isTight() {
        return usedBytes.get() > tightBytes;
    }

    /** Returns whether publishers pause. */
    boolean isShort() {
        return isShort.get();
    }

    /** Returns how much must become free before publishers may go on. */
    long missingBytes() {
        return Math.max(0, usedBytes.get() - resumeBytes);
    }

    /** Returns whether nobody new should come. */
    boolean isFull() {
        return usedBytes.get() > fullBytes;
    }
}
