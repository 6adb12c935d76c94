package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Relieves memory that stays short although the windows have given all that they can. Then subscriptions pin the rest: by
 * batches that wait in their sockets, and by batches that they hold because they block.
 *
 * <ol>
 *   <li>For a second nobody is cut, so that subscriptions that can drain do.
 *   <li>Then the subscriptions are cut that are {@linkplain Pace#isStuck stuck} and pin most, of those for whom something
 *       waits in a socket, until there is enough: first those of the topic of which most is pinned. In one period none is
 *       cut that pins less than half as much as the worst of its topic, and none of a topic of which less than half as much
 *       is pinned as of the worst topic, or no more than each topic is granted.
 *   <li>If that cuts nobody, only those are compared that have been {@linkplain Pace#isStuckForLong stuck for long}. So one
 *       fast subscriber does not protect slow ones.
 *   <li>Where there is nobody to cut and memory is full, those are let go that block the topic of which most is held.
 * </ol>
 *
 * <p>Memory also stays short because a publisher is as fast as its subscribers. Then none of them is stuck, and none is cut.
 *
 * <p>Thread-safe, but for {@link #onShort} and {@link #onPeriod}, which one thread calls at a time.
 */
final class Relief {
    /** Periods of the {@link Reclaimer}, which are tenths of a second. */
    private static final int PATIENCE_PERIODS = 10;

    /** How often subscriptions are marked; no more than the patience. */
    private static final int MARK_PERIODS = 10;

    /** The memory that a subscription pinned when it was looked at, and whether it gives it back by itself. */
    private record Pin(
            TopicSubscription subscription,
            long pendingBytes,
            long heldBytes,
            boolean isStuck,
            boolean isStuckForLong) {
        static Pin of(TopicSubscription subscription, Pace pace, long period) {
            Pace.Progress now = subscription.progress(period);
            boolean isStuck = pace.isStuck(now);
            boolean isStuckForLong = isStuck && pace.isStuckForLong(now);
            return new Pin(subscription, subscription.pendingBytes(), now.heldBytes(), isStuck, isStuckForLong);
        }

        long bytes() {
            return pendingBytes + heldBytes;
        }

        Topic topic() {
            return subscription.topic();
        }
    }

    /**
     * The memory that the subscriptions of one topic pin.
     *
     * @param bytes all of it, though many may pin the same
     * @param pinnedBytes the same, counted for each that pins it
     */
    private record Load(List<Pin> worstFirst, long bytes, long pinnedBytes) {
        static Load of(TopicMemory topic, List<Pin> pins) {
            long pendingBytes = pins.stream().mapToLong(Pin::pendingBytes).sum();
            long bytes = Math.min(pendingBytes + topic.held().bytes(), topic.usedBytes());
            List<Pin> worstFirst = pins.stream()
                    .sorted(Comparator.comparingLong(Pin::bytes).reversed())
                    .toList();
            return new Load(
                    worstFirst, bytes, pins.stream().mapToLong(Pin::bytes).sum());
        }

        /** Returns what becomes free at least when subscriptions that pin so much are cut, and the other ones are not. */
        long freeBytes(long cutBytes) {
            return Math.max(0, bytes - (pinnedBytes - cutBytes));
        }
    }

    private final MemoryBudget memory;
    private final Counters counters;
    private final Map<TopicSubscription, Pace> subscriptions = new ConcurrentHashMap<>();

    /** How many there have been in which memory was short, since the broker began. */
    private final AtomicLong periods = new AtomicLong();

    private long markedPeriod;
    private boolean isNewShortage;

    /** Those in which the windows had nothing to give. */
    private int exhaustedPeriods;

    Relief(MemoryBudget memory, Counters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    /** A subscription has begun, and may pin memory from now on. */
    void join(TopicSubscription subscription) {
        subscriptions.put(subscription, new Pace(periods.get()));
    }

    void leave(TopicSubscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Memory has become short. */
    void onShort() {
        exhaustedPeriods = 0;
        isNewShortage = true;
    }

    /**
     * Memory is short still. It is no less so where windows give something for a while, of what comes meanwhile for example:
     * such periods do not count, and do not undo those that do.
     */
    void onPeriod(boolean isExhausted) {
        mark(periods.incrementAndGet());
        if (!isExhausted || ++exhaustedPeriods <= PATIENCE_PERIODS) {
            return;
        }
        List<Pin> pins = pins();
        List<Pin> stuckForLong = pins.stream().filter(Pin::isStuckForLong).toList();
        if (cutWhoPinsMost(pins) || cutWhoPinsMost(stuckForLong)) {
            exhaustedPeriods = PATIENCE_PERIODS - 1; // what comes free by that is seen before anybody else is cut
        } else if (memory.isFull()) {
            letGoOfWhoHoldsMost(pins);
        }
    }

    private void mark(long period) {
        if (isNewShortage) {
            subscriptions.forEach((subscription, pace) -> pace.restart(subscription.progress(period)));
        } else if (period - markedPeriod >= MARK_PERIODS) {
            subscriptions.forEach((subscription, pace) -> pace.mark(subscription.progress(period)));
        } else {
            return;
        }
        isNewShortage = false;
        markedPeriod = period;
    }

    private List<Pin> pins() {
        List<Pin> pins = new ArrayList<>();
        subscriptions.forEach((subscription, pace) -> {
            Pin pin = Pin.of(subscription, pace, periods.get());
            if (pin.bytes() > 0) {
                pins.add(pin);
            }
        });
        return pins;
    }

    /** Cuts, of the subscriptions that pin most, those that are stuck; returns whether anybody has been. */
    private boolean cutWhoPinsMost(List<Pin> pins) {
        List<Load> worstFirst = loads(pins);
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

    /** Cuts the subscriptions that pin most until enough becomes free; returns how much they pin. */
    private long cut(Load load, long missingBytes) {
        long worstBytes = load.worstFirst.get(0).bytes();
        long cutBytes = 0;
        for (Pin pin : load.worstFirst) {
            if (load.freeBytes(cutBytes) >= missingBytes || pin.bytes() < worstBytes / 2) {
                break;
            }
            if (pin.pendingBytes > 0 && pin.isStuck) {
                cutBytes += pin.bytes();
                cut(pin);
            }
        }
        return cutBytes;
    }

    private List<Load> loads(List<Pin> pins) {
        return pins.stream().collect(Collectors.groupingBy(pin -> pin.topic().memory())).entrySet().stream()
                .map(topic -> Load.of(topic.getKey(), topic.getValue()))
                .filter(load -> load.bytes > memory.grantedTopicBytes())
                .sorted(Comparator.comparingLong(Load::bytes).reversed())
                .toList();
    }

    private void cut(Pin pin) {
        counters.increment(Counter.SUBSCRIBERS_CUT_FOR_MEMORY);
        pin.subscription.cutSoon(ProtocolException.of(
                ErrorCode.TOO_SLOW,
                "bytes that wait for the subscriber",
                pin.bytes(),
                "less, where " + memory.usedBytes() + " bytes are in use; memory"));
    }

    /** One that holds less than half of the most is let go only if it has been stuck for long. */
    private static void letGoOfWhoHoldsMost(List<Pin> pins) {
        long mostBytes = pins.stream().mapToLong(Pin::heldBytes).max().orElse(0);
        pins.stream()
                .filter(pin -> pin.heldBytes > 0)
                .filter(pin -> pin.isStuckForLong || (pin.isStuck && pin.heldBytes >= mostBytes / 2))
                .max(Comparator.comparingLong(Pin::heldBytes))
                .map(Pin::topic)
                .ifPresent(topic -> letGo(topic, pins));
    }

    private static void letGo(Topic topic, List<Pin> pins) {
        List<TopicSubscription> stuck = pins.stream()
                .filter(pin -> pin.topic().equals(topic) && pin.heldBytes > 0 && pin.isStuck)
                .map(Pin::subscription)
                .toList();
        topic.execute(() -> topic.letGoOf(stuck));
    }
}
