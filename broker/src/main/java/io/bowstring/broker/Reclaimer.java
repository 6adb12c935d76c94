package io.bowstring.broker;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes memory back from the windows of the topics, from the largest first. While memory is tight, every batch that is
 * appended costs twice its weight; while it is short and publishers pause, batches go until there is enough, as long as
 * there are any that no subscription holds: publishers never wait for what is only retained. What every topic is granted
 * stays. Where the windows can give no more, {@link Relief} is asked.
 *
 * <p>Each topic evicts in its own turn; one is asked at a time, so that there is one chain of tasks at most. Thread-safe.
 */
final class Reclaimer {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final MemoryBudget memory;
    private final EventExecutorGroup loops;
    private final Relief relief;

    /** By what their windows have beside their newest batches. */
    private final WindowIndex spare = new WindowIndex();

    /** By all that their windows have. */
    private final WindowIndex retained = new WindowIndex();

    private final AtomicLong wantedBytes = new AtomicLong();
    private final AtomicBoolean isWatching = new AtomicBoolean();

    /**
     * Whether the windows had nothing to give when somebody asked, in the present period. A window that gives a little
     * later, of a batch that has just come for example, does not change this: memory is as short as before.
     */
    private volatile boolean isExhausted;

    Reclaimer(MemoryBudget memory, EventExecutorGroup loops, Relief relief) {
        this.memory = memory;
        this.loops = loops;
        this.relief = relief;
    }

    WindowIndex spare() {
        return spare;
    }

    WindowIndex retained() {
        return retained;
    }

    /** A batch is being appended. */
    void onAppend(long weightBytes) {
        if (memory.isTight()) {
            reclaim(2 * weightBytes);
            if (memory.isShort()) {
                onShort();
            }
        }
    }

    /** Memory has become short: sees to it until it is not any more, also where nothing else happens. */
    void onShort() {
        if (isWatching.compareAndSet(false, true)) {
            isExhausted = false;
            relief.onShort();
            watch();
        }
    }

    /** Whatever fails in one period, there is a next: memory may be short because of what failed. */
    private void watch() {
        EventExecutor loop = loops.next();
        try {
            Steps.guarded(loop, memory::judgeTopics, reason -> {});
            Steps.guarded(loop, this::relieve, reason -> {});
            reclaim(memory.missingBytes());
        } finally {
            watchOn(loop);
        }
    }

    private void relieve() {
        boolean wasExhausted = isExhausted;
        isExhausted = false;
        relief.onPeriod(wasExhausted);
    }

    /** Looks again, but not where the loop has been shut down. */
    private void watchOn(EventExecutor loop) {
        try {
            if (!loop.isShutdown()) {
                Steps.schedule(loop, this::onPeriod, PERIOD_NANOS);
            }
        } catch (RuntimeException | Error e) {
            isWatching.set(false); // whoever appends next looks
            throw e;
        }
    }

    private void onPeriod() {
        if (memory.isShort()) {
            watch();
        } else {
            isWatching.set(false);
            if (memory.isShort()) { // just now, and whoever made it so saw that it was watched
                onShort();
            }
        }
    }

    private void reclaim(long bytes) {
        if (bytes > 0 && wantedBytes.getAndAdd(bytes) == 0) { // else the chain that is under way does it
            orEnd(loops.next(), this::askNext);
        }
    }

    /** Asks the topic with the largest window of which something can be had. */
    private void askNext() {
        Topic largest = spare.largest();
        boolean sparesNewest = largest != null;
        if (largest == null && memory.isShort()) {
            largest = retained.largest();
        }
        if (largest == null) {
            isExhausted = true;
            wantedBytes.set(0);
        } else {
            ask(largest, sparesNewest);
        }
    }

    private void ask(Topic topic, boolean sparesNewest) {
        EventExecutor loop = topic.turn().loop();
        Runnable step = () -> orEnd(loop, () -> evict(topic, sparesNewest));
        loop.execute(() -> orEnd(loop, () -> topic.execute(step)));
    }

    /** Runs a step of the chain. A fault, or a loop that takes no task, ends this chain, and not all chains to come. */
    private void orEnd(EventExecutor loop, Runnable step) {
        try {
            step.run();
        } catch (RejectedExecutionException e) { // memory stays short, and it is not this topic's window that gives
            isExhausted = true;
            wantedBytes.set(0);
        } catch (RuntimeException | Error e) {
            wantedBytes.set(0);
            Steps.reason(loop, e); // for the log
        }
    }

    /** Runs in the topic's turn. */
    private void evict(Topic topic, boolean sparesNewest) {
        long evicted = topic.window().reclaim(wantedBytes.get(), sparesNewest);
        if (wantedBytes.updateAndGet(wanted -> Math.max(0, wanted - evicted)) > 0) {
            askNext();
        }
    }
}
