package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Relieves memory that stays short although the windows have given all that they can. Then subscriptions pin the rest: by
 * batches that wait in their sockets, and by batches that they hold because they block.
 *
 * <ol>
 *   <li>For a second nobody is cut, so that those who can drain do.
 *   <li>Then the subscriptions are cut that pin most, of those for whom something waits in a socket, until there is enough:
 *       first those of the topic of which most is pinned. In one period none is cut that pins less than half as much as the
 *       worst of its topic, and none of a topic of which less than half as much is pinned as of the worst topic, or no more
 *       than each topic is granted.
 *   <li>Where there is nobody to cut and memory is full, those that block the topic of which most is held are let go.
 * </ol>
 *
 * <p>A subscription is spared that {@linkplain Pace drains} what it pins: memory may stay short only because a publisher is
 * as fast as its subscriber.
 *
 * <p>Thread-safe, but for {@link #onShort} and {@link #onPeriod}, which one thread calls at a time.
 */
final class Relief {
    /** Periods of the {@link Reclaimer}, which are tenths of a second. */
    private static final int PATIENCE_PERIODS = 10;

    /** The time after which it is measured anew how fast subscriptions drain; no more than the patience. */
    private static final int MARK_PERIODS = 10;

    /**
     * The memory that a subscription pinned when it was looked at.
     *
     * @param drains whether it would soon be free without a cut
     */
    private record Pin(Subscription subscription, long pendingBytes, long heldBytes, boolean drains) {
        long bytes() {
            return pendingBytes + heldBytes;
        }
    }

    /**
     * The memory that the subscriptions of one topic pin.
     *
     * @param worstFirst those that do not drain what they pin
     * @param bytes all of it, though many may pin the same
     * @param pinnedBytes the same, counted for each that pins it
     */
    private record Load(List<Pin> worstFirst, long bytes, long pinnedBytes) {
        static Load of(TopicMemory topic, List<Pin> pins) {
            long pendingBytes = pins.stream().mapToLong(Pin::pendingBytes).sum();
            long bytes = Math.min(pendingBytes + topic.held().bytes(), topic.usedBytes());
            List<Pin> worstFirst = pins.stream()
                    .filter(pin -> !pin.drains)
                    .sorted(Comparator.comparingLong(Pin::bytes).reversed())
                    .toList();
            return new Load(
                    worstFirst, bytes, pins.stream().mapToLong(Pin::bytes).sum());
        }

        /** Returns what becomes free at least when those are cut who pin so much: the others pin no more than the rest. */
        long freeBytes(long cutBytes) {
            return Math.max(0, bytes - (pinnedBytes - cutBytes));
        }
    }

    private final MemoryBudget memory;
    private final Counters counters;
    private final Map<Subscription, Pace> subscriptions = new ConcurrentHashMap<>();

    /** How many there have been in which memory was short, since the broker began. */
    private final AtomicLong periods = new AtomicLong();

    private long markedPeriod;
    private int stuckPeriods;

    Relief(MemoryBudget memory, Counters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    /** A subscription has begun, and may pin memory from now on. */
    void join(Subscription subscription) {
        subscriptions.put(subscription, new Pace(periods.get()));
    }

    void leave(Subscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Memory has become short. */
    void onShort() {
        stuckPeriods = 0;
        markedPeriod = periods.get() - MARK_PERIODS; // the next marks, and one more does before anybody is cut
    }

    /**
     * Memory is short still. It is no less so where windows give something for a while, of what comes meanwhile for example:
     * such periods do not count, and do not undo those that do.
     */
    void onPeriod(boolean isStuck) {
        if (periods.incrementAndGet() - markedPeriod >= MARK_PERIODS) {
            markAll();
        }
        if (!isStuck || ++stuckPeriods <= PATIENCE_PERIODS) {
            return;
        }
        if (cutWhoPinsMost()) {
            stuckPeriods = PATIENCE_PERIODS - 1; // what comes free by that is seen before anybody else is cut
        } else if (memory.isFull()) {
            rid();
        }
    }

    private void markAll() {
        markedPeriod = periods.get();
        subscriptions.forEach((subscription, pace) -> pace.mark(subscription.progress(markedPeriod)));
    }

    /** Returns whether anybody has been cut. */
    private boolean cutWhoPinsMost() {
        List<Load> worstFirst = loads();
        long missingBytes = memory.missingBytes();
        boolean hasCut = false;
        for (Load load : worstFirst) {
            if (missingBytes <= 0 || load.bytes < worstFirst.get(0).bytes / 2) {
                break;
            }
            long cutBytes = cut(load, missingBytes);
            missingBytes -= load.freeBytes(cutBytes);
            hasCut |= cutBytes > 0;
        }
        return hasCut;
    }

    /** Cuts those who pin most until enough becomes free; returns how much they pin. */
    private long cut(Load load, long missingBytes) {
        long worstBytes = load.worstFirst.get(0).bytes();
        long cutBytes = 0;
        for (Pin pin : load.worstFirst) {
            if (load.freeBytes(cutBytes) >= missingBytes || pin.bytes() < worstBytes / 2) {
                break;
            }
            if (pin.pendingBytes > 0) {
                cutBytes += pin.bytes();
                cut(pin);
            }
        }
        return cutBytes;
    }

    private List<Load> loads() {
        Map<TopicMemory, List<Pin>> pins = new HashMap<>();
        subscriptions.forEach((subscription, pace) -> {
            Pin pin = pin(subscription, pace);
            if (pin.bytes() > 0) {
                pins.computeIfAbsent(subscription.topic().memory(), topic -> new ArrayList<>())
                        .add(pin);
            }
        });
        return pins.entrySet().stream()
                .map(topic -> Load.of(topic.getKey(), topic.getValue()))
                .filter(load -> !load.worstFirst.isEmpty() && load.bytes > memory.grantedTopicBytes())
                .sorted(Comparator.comparingLong(Load::bytes).reversed())
                .toList();
    }

    private Pin pin(Subscription subscription, Pace pace) {
        long pendingBytes = subscription.pendingBytes();
        long heldBytes = subscription.heldBytes();
        boolean drains = pace.drains(pendingBytes, heldBytes, subscription.progress(periods.get()));
        return new Pin(subscription, pendingBytes, heldBytes, drains);
    }

    private void cut(Pin pin) {
        counters.increment(Counter.SUBSCRIBERS_CUT_FOR_MEMORY);
        pin.subscription.cutSoon(ProtocolException.of(
                ErrorCode.TOO_SLOW,
                "bytes that wait for the subscriber",
                pin.bytes(),
                "less, where " + memory.usedBytes() + " bytes are in use; memory"));
    }

    private void rid() {
        subscriptions.entrySet().stream()
                .map(joined -> pin(joined.getKey(), joined.getValue()))
                .filter(pin -> pin.heldBytes > 0 && !pin.drains)
                .max(Comparator.comparingLong(Pin::heldBytes))
                .map(pin -> pin.subscription.topic())
                .ifPresent(topic -> topic.execute(topic::letGoOfHolders));
    }
}
