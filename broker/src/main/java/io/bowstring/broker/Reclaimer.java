package io.bowstring.broker;

import io.netty.util.concurrent.EventExecutorGroup;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes memory back from the windows of the topics, from the largest first. While memory is tight, every batch that is
 * appended costs twice its weight; while it is short and publishers pause, batches go until there is enough, as long as
 * there are any that no subscription holds: publishers never wait for what is only retained.
 *
 * <p>Each topic evicts on its own loop; one is asked at a time, so that there is one chain of tasks at most. Thread-safe.
 */
final class Reclaimer {
    private static final long PERIOD_MILLIS = 100;

    private final MemoryBudget memory;
    private final EventExecutorGroup loops;
    private final Supplier<Stream<Topic>> topics;
    private final AtomicLong wantedBytes = new AtomicLong();
    private final AtomicBoolean isWatching = new AtomicBoolean();

    Reclaimer(MemoryBudget memory, EventExecutorGroup loops, Supplier<Stream<Topic>> topics) {
        this.memory = memory;
        this.loops = loops;
        this.topics = topics;
    }

    /** A batch is being appended. */
    void onAppend(long weightBytes) {
        if (memory.isTight()) {
            reclaim(2 * weightBytes);
        }
    }

    /** Memory has become short: sees to it until it is not any more, also where nothing else happens. */
    void onShort() {
        if (isWatching.compareAndSet(false, true)) {
            watch();
        }
    }

    private void watch() {
        reclaim(memory.missingBytes());
        loops.next().schedule(this::onPeriod, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
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
            askNext(new HashSet<>());
        }
    }

    /** Asks the topic with the largest window, but none of {@code held}, which can evict nothing. */
    private void askNext(Set<Topic> held) {
        boolean sparesNewest = true;
        Topic largest = largest(held, Topic::spareBytes);
        if (largest == null && memory.isShort()) {
            sparesNewest = false;
            largest = largest(held, Topic::retainedBytes);
        }
        if (largest == null) {
            wantedBytes.set(0);
        } else {
            ask(largest, sparesNewest, held);
        }
    }

    private @Nullable Topic largest(Set<Topic> held, ToLongFunction<Topic> size) {
        return topics.get()
                .filter(topic -> size.applyAsLong(topic) > 0 && !held.contains(topic))
                .max((a, b) -> Long.compare(size.applyAsLong(a), size.applyAsLong(b)))
                .orElse(null);
    }

    private void ask(Topic topic, boolean sparesNewest, Set<Topic> held) {
        topic.loop().execute(() -> {
            long evicted = topic.onReclaim(wantedBytes.get(), sparesNewest);
            if (evicted == 0) {
                held.add(topic);
            }
            if (wantedBytes.updateAndGet(wanted -> Math.max(0, wanted - evicted)) > 0) {
                askNext(held);
            }
        });
    }
}
