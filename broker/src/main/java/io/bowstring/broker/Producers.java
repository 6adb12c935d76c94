package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The producers that a topic remembers: those that are connected, and of the others those that have appended something.
 * None is forgotten for the sake of a newcomer before its time; ids that are made for one life have a place of their own,
 * so that however many there are, they never stand in the way of the others. A source that has several producers leaves the
 * last quarter of the places of each kind to others.
 *
 * <pre>
 *   named      at most maxProducers    remembered for producerAge after they were connected last
 *   one life   at most maxProducers    remembered for producerAge, or 10 minutes where that is less
 *   done       at most 64              one life that has ended in order; remembered in case that it did not hear so
 * </pre>
 *
 * <p>Confined to the topic's loop.
 */
final class Producers {
    /** How long one is remembered that was made for one life and has lost its connection. */
    static final Duration LOST_AGE = Duration.ofMinutes(10);

    /** What one takes on the heap beside its id, roughly. */
    private static final long PRODUCER_BYTES = 256;

    private static final int MAX_DONE = 64;

    /** A source that has so many producers of one kind has several. */
    private static final int SEVERAL = 10;

    private final int maxProducers;
    private final long namedAgeNanos;
    private final long lostAgeNanos;
    private final MemoryShare share;
    private final LongSupplier nanos;

    /** All in the order in which they were connected last. */
    private final Map<ProducerId, Producer> named = new LinkedHashMap<>();

    private final Map<ProducerId, Producer> oneLife = new LinkedHashMap<>();
    private final Map<ProducerId, Producer> done = new LinkedHashMap<>();

    /**
     * Remembers nobody yet.
     *
     * @param limits how many there may be, and for how long each is remembered
     * @param share what they count in
     * @param nanos the time; only differences have a meaning
     */
    Producers(TopicLimits limits, MemoryShare share, LongSupplier nanos) {
        this.maxProducers = limits.maxProducers();
        this.namedAgeNanos = LoopClock.toNanos(limits.producerAge());
        this.lostAgeNanos = Math.min(namedAgeNanos, LOST_AGE.toNanos());
        this.share = share;
        this.nanos = nanos;
    }

    /** Returns whether a publisher is a producer that is remembered. */
    boolean knows(@Nullable ProducerId id) {
        return id != null && (named.containsKey(id) || oneLife.containsKey(id) || done.containsKey(id));
    }

    /** Returns whether one is remembered whose time is not over. */
    boolean areExpected() {
        return holds(named, namedAgeNanos) || holds(oneLife, lostAgeNanos);
    }

    private boolean holds(Map<ProducerId, Producer> producers, long ageNanos) {
        return producers.values().stream().anyMatch(producer -> !isExpired(producer, ageNanos));
    }

    /**
     * Gives a publication its producer, a new one where it is not remembered; another publication that has it is over.
     *
     * @param source whose producer it is where it is new; null where that does not count
     * @throws ProtocolException {@code LIMIT_REACHED} where there are too many for this source, and the time of none is over, or
     *     they take too much memory; {@code STORAGE_FULL}
     */
    Producer claim(ProducerId id, @Nullable Object source, Publication publication) {
        Map<ProducerId, Producer> all = id.isForOneLife() ? oneLife : named;
        Producer producer = all.get(id);
        if (producer == null) {
            producer = done.remove(id);
            if (producer == null) {
                requireRoom(all, id.isForOneLife() ? lostAgeNanos : namedAgeNanos, source);
                share.charge("bowstring.producer", bytes(id));
                producer = new Producer(id, source);
            }
            all.put(id, producer);
        }
        producer.claim(publication);
        return producer;
    }

    /**
     * The publication is over; without effect where another has the producer by now.
     *
     * @param isComplete whether its stream has ended in order and all of it is in the topic
     * @param hasSealed whether that has sealed the topic: the producer is remembered then whatever it has appended
     */
    void release(Producer producer, Publication publication, boolean isComplete, boolean hasSealed) {
        if (!producer.release(publication, nanos.getAsLong())) {
            return;
        }
        ProducerId id = producer.id();
        Map<ProducerId, Producer> all = id.isForOneLife() ? oneLife : named;
        all.remove(id);
        if (!producer.hasAppended() && !hasSealed) {
            share.release(bytes(id));
        } else if (isComplete && id.isForOneLife()) {
            done.put(id, producer);
            if (done.size() > MAX_DONE) {
                forgetFirst(done.values().iterator());
            }
        } else {
            all.put(id, producer);
        }
    }

    private static long bytes(ProducerId id) {
        return PRODUCER_BYTES + id.value().length();
    }

    /** Forgets those that have been gone for longest and whose time is over, if that makes room; otherwise nobody. */
    private void requireRoom(Map<ProducerId, Producer> producers, long ageNanos, @Nullable Object source) {
        int reserved = maxProducers / 4;
        if (producers.size() < maxProducers - reserved) {
            return;
        }
        boolean hasSeveral = source != null && count(producers, ageNanos, source) >= SEVERAL;
        int limit = hasSeveral ? maxProducers - reserved : maxProducers;
        int missing = producers.size() + 1 - limit;
        List<Producer> over = producers.values().stream()
                .filter(producer -> isExpired(producer, ageNanos))
                .limit(Math.max(0, missing))
                .toList();
        if (over.size() < missing) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED,
                    "producers of one topic",
                    producers.size() + 1,
                    "<= " + limit + " that are connected or were so within producer-age"
                            + (hasSeveral ? ", for an address that has " + SEVERAL + " of them" : "")
                            + "; max-producers");
        }
        for (Producer producer : over) {
            share.release(bytes(producer.id()));
            producers.remove(producer.id());
        }
    }

    /** Returns how many a source has whose time is not over. */
    private long count(Map<ProducerId, Producer> producers, long ageNanos, Object source) {
        return producers.values().stream()
                .filter(producer -> source.equals(producer.source()) && !isExpired(producer, ageNanos))
                .count();
    }

    private boolean isExpired(Producer producer, long ageNanos) {
        return !producer.isHeld() && nanos.getAsLong() - producer.goneNanos() >= ageNanos;
    }

    private void forgetFirst(Iterator<Producer> producers) {
        share.release(bytes(producers.next().id()));
        producers.remove();
    }
}
