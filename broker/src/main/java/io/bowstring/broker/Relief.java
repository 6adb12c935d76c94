package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is done where memory stays short although the windows have given all that they can: the rest is held by sockets that
 * are not sent empty, and by subscriptions that block. After a second, in which those drain who can, the subscriptions are
 * cut that pin most, until there is enough: first those of the topic of which sockets pin most. In one period nobody is
 * cut who pins less than half of what the worst does, or whose topic does: who pins little is not to pay for what is held
 * in another way, by subscriptions that block for example, and comes free with those who are cut. Where that is not enough
 * and memory is full, the topic that uses most is rid of what blocks it.
 *
 * <p>Thread-safe, but for {@link #onPeriod}, which one thread calls at a time.
 */
final class Relief {
    /** Periods of the {@link Reclaimer}, which are tenths of a second. */
    private static final int PATIENCE_PERIODS = 10;

    /** What a subscription pins, as it was when it was looked at. */
    private record Pin(Subscription subscription, long bytes) {}

    private final MemoryBudget memory;
    private final Counters counters;
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private int stuckPeriods;

    Relief(MemoryBudget memory, Counters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    /** A subscription has begun, and may pin memory from now on. */
    void join(Subscription subscription) {
        subscriptions.add(subscription);
    }

    void leave(Subscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Memory is short, and has been so for a period more or has just become so. */
    void onPeriod(boolean isStuck) {
        stuckPeriods = isStuck ? stuckPeriods + 1 : 0;
        if (stuckPeriods <= PATIENCE_PERIODS) {
            return;
        }
        if (cutWhoPinsMost(memory.missingBytes()) > 0) {
            stuckPeriods = PATIENCE_PERIODS - 1; // what comes free by that is seen before anybody else is cut
        } else if (memory.isFull()) {
            rid();
        }
    }

    /** Returns how much becomes free, or a little more: some of it may be shared. */
    private long cutWhoPinsMost(long missingBytes) {
        List<Pin> pins = subscriptions.stream()
                .map(subscription -> new Pin(subscription, subscription.pinnedBytes()))
                .filter(pin -> pin.bytes > 0)
                .toList();
        Map<TopicMemory, Long> sums = new HashMap<>();
        pins.forEach(pin -> sums.merge(pin.subscription.topic().memory(), pin.bytes, Long::sum));
        sums.replaceAll((topic, bytes) -> Math.min(bytes, topic.usedBytes())); // many may pin the same
        List<Pin> worstFirst = pins.stream()
                .sorted(Comparator.<Pin>comparingLong(
                                pin -> sums.get(pin.subscription.topic().memory()))
                        .thenComparingLong(Pin::bytes)
                        .reversed())
                .toList();
        long freeBytes = 0;
        for (Pin pin : worstFirst) {
            if (freeBytes >= missingBytes) {
                break;
            }
            Pin worst = worstFirst.get(0);
            if (pin.bytes < worst.bytes / 2 || sum(pin, sums) < sum(worst, sums) / 2) {
                continue;
            }
            freeBytes += pin.bytes;
            counters.increment(Counter.SUBSCRIBERS_CUT_FOR_MEMORY);
            pin.subscription.cutSoon(ProtocolException.of(
                    ErrorCode.TOO_SLOW,
                    "bytes that wait for the subscriber",
                    pin.bytes,
                    "less, where " + memory.usedBytes() + " bytes are in use; memory"));
        }
        return freeBytes;
    }

    /** Returns what the subscriptions to the topic of a pin have together. */
    private static long sum(Pin pin, Map<TopicMemory, Long> sums) {
        return sums.getOrDefault(pin.subscription.topic().memory(), 0L);
    }

    private void rid() {
        subscriptions.stream()
                .filter(subscription -> subscription.request().onLag() == LagPolicy.BLOCK)
                .map(Subscription::topic)
                .distinct()
                .map(topic -> Map.entry(topic, topic.memory().usedBytes()))
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .ifPresent(topic -> topic.execute(topic::letGoOfHolders));
    }
}
