package io.bowstring.broker;

import io.bowstring.protocol.ProducerId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The producers of one kind that a topic remembers. One has a place as long as it is connected, and for a time afterwards.
 * When its time is over it is remembered on, until a newcomer needs the room.
 *
 * <pre>
 *   connected ─► gone ─► overdue ─► forgotten       each may come back, but for the last
 *   └── has a place ─┘
 * </pre>
 *
 * <p>Each step takes amortised constant time. Confined to the topic's turn.
 */
final class RememberedProducers {
    /** A producer takes about so much of the heap, without its id. */
    private static final long PRODUCER_BYTES = 256;

    private final int max;
    private final long ageNanos;
    private final FairPlaces places;
    private final MemoryShare share;
    private final LongSupplier nanos;

    private final Map<ProducerId, Producer> connected = new HashMap<>();

    /** Both in the order in which they went. */
    private final Map<ProducerId, Producer> gone = new LinkedHashMap<>();

    private final Map<ProducerId, Producer> overdue = new LinkedHashMap<>();

    /**
     * Remembers nobody yet.
     *
     * @param max how many there may be
     * @param which of them have a place, for the message of a refusal
     * @param ageNanos for how long one keeps its place that is not connected
     * @param share what they count in
     * @param nanos the time; only differences have a meaning
     */
    RememberedProducers(int max, String which, long ageNanos, MemoryShare share, LongSupplier nanos) {
        this.max = max;
        this.ageNanos = ageNanos;
        this.places = new FairPlaces("producers of one topic", max, which, "max-producers");
        this.share = share;
        this.nanos = nanos;
    }

    boolean has(ProducerId id) {
        return connected.containsKey(id) || gone.containsKey(id) || overdue.containsKey(id);
    }

    /** Returns whether there is one whose time is not over. */
    boolean areExpected() {
        endTimes();
        return places.taken() > 0;
    }

    /**
     * Returns a producer that is connected from now on, a new one where it is not remembered. One that is overdue needs a
     * place as a new one does; where it gets none it stays overdue.
     *
     * @param source whose producer it is from now on where it has no place yet; null where that does not count
     * @throws io.bowstring.protocol.ProtocolException {@code LIMIT_REACHED} where there are too many for this source, or they
     *     take too much memory; {@code STORAGE_FULL}
     */
    Producer connect(ProducerId id, @Nullable Object source) {
        endTimes();
        Producer producer = connected.get(id);
        if (producer == null) {
            producer = gone.remove(id);
        }
        if (producer == null) {
            places.take(source);
            producer = overdue.remove(id);
            if (producer == null) {
                producer = newProducer(id, source);
            } else {
                producer.setSource(source);
            }
        }
        connected.put(id, producer);
        return producer;
    }

    /** Makes a producer for a place that has been taken; where that fails the place is given back, and nobody is forgotten. */
    private Producer newProducer(ProducerId id, @Nullable Object source) {
        try {
            share.charge("bowstring.producer", bytes(id));
        } catch (RuntimeException | Error e) {
            places.giveBack(source);
            throw e;
        }
        if (connected.size() + gone.size() + overdue.size() >= max) {
            forgetFirst(overdue);
        }
        return new Producer(id, source);
    }

    /** One that is connected is so no more, and is remembered. */
    void onGone(Producer producer) {
        connected.remove(producer.id());
        gone.put(producer.id(), producer);
    }

    /** Frees its place; it still counts in memory. It is connected. */
    void remove(Producer producer) {
        connected.remove(producer.id());
        places.giveBack(producer.source());
    }

    /** Forgets the oldest; there is one. */
    void forgetFirst(Map<ProducerId, Producer> producers) {
        Iterator<Producer> first = producers.values().iterator();
        forget(first.next());
        first.remove();
    }

    /** Stops counting it in memory. It is in no map. */
    void forget(Producer producer) {
        share.release(bytes(producer.id()));
    }

    private static long bytes(ProducerId id) {
        return PRODUCER_BYTES + id.value().length();
    }

    /** Takes their places from those whose time is over. */
    private void endTimes() {
        long now = nanos.getAsLong();
        Iterator<Producer> first = gone.values().iterator();
        while (first.hasNext()) {
            Producer producer = first.next();
            if (now - producer.goneNanos() < ageNanos) {
                return;
            }
            first.remove();
            overdue.put(producer.id(), producer);
            places.giveBack(producer.source());
        }
    }
}
