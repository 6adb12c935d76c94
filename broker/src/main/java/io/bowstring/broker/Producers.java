package io.bowstring.broker;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The producers that a topic remembers: those that are connected, and of the others those that have appended something.
 * None is forgotten for the sake of a newcomer before its time; ids that are made for one life have places of their own,
 * so that however many there are, they never stand in the way of the others. Sources share the places of each kind as
 * {@link FairPlaces} says.
 *
 * <pre>
 *   named      at most maxProducers    remembered for producerAge after they were connected last
 *   one life   at most maxProducers    remembered for producerAge, or 10 minutes where that is less
 *   done       at most 64              one life that has ended in order; remembered in case that it did not hear so
 * </pre>
 *
 * <p>One that is done and comes back is connected without a place, as a publisher without an id is, and is done again
 * afterwards, however its connection ends. Confined to the topic's turn.
 */
final class Producers {
    /** How long one is remembered that was made for one life and has lost its connection. */
    static final Duration LOST_AGE = Duration.ofMinutes(10);

    private static final int MAX_DONE = 64;

    /** One of the time before takes about so much of the heap, with its digest. */
    private static final long KEPT_BYTES = 256;

    private static final String WITH_PLACE = " that are connected or were so within producer-age";

    private final MemoryShare share;
    private final LongSupplier nanos;
    private final RememberedProducers named;
    private final RememberedProducers oneLife;

    /** In the order in which they ended. */
    private final Map<ProducerId, Producer> done = new LinkedHashMap<>();

    /** Those of the time before the broker was started, by their digests, until they come or their time is over. */
    private final Map<String, DurableLog.KeptProducer> kept = new HashMap<>();

    private long keptUntilNanos;
    private final long namedAgeNanos;

    /** Those that were done and are connected. */
    private final Map<ProducerId, Producer> back = new HashMap<>();

    /**
     * Remembers nobody yet.
     *
     * @param limits how many there may be, and for how long each is remembered
     * @param share what they count in
     * @param nanos the time; only differences have a meaning
     */
    Producers(TopicLimits limits, MemoryShare share, LongSupplier nanos) {
        this.share = share;
        this.nanos = nanos;
        int max = limits.maxProducers();
        this.namedAgeNanos = TopicTurn.toNanos(limits.producerAge());
        this.named = new RememberedProducers(max, WITH_PLACE, namedAgeNanos, share, nanos);
        this.oneLife = new RememberedProducers(
                max, WITH_PLACE + ", 10 minutes at most", Math.min(namedAgeNanos, LOST_AGE.toNanos()), share, nanos);
    }

    /**
     * Remembers those of the time before the broker was started, as if all of them had gone just now; of the first no more than there is
     * memory for.
     */
    void restore(List<DurableLog.KeptProducer> producers) {
        for (int i = producers.size() - 1; i >= 0 && tryCharge(); i--) {
            kept.put(producers.get(i).digest(), producers.get(i));
        }
        keptUntilNanos = nanos.getAsLong() + namedAgeNanos;
    }

    private boolean tryCharge() {
        try {
            share.charge("bowstring.producer", KEPT_BYTES);
            return true;
        } catch (ProtocolException e) {
            return false;
        }
    }

    /** Returns whether one with an id is remembered of that time. */
    private boolean isKept(ProducerId id) {
        return areKept() && kept.containsKey(id.digest());
    }

    private boolean areKept() {
        if (!kept.isEmpty() && nanos.getAsLong() - keptUntilNanos >= 0) {
            share.release(kept.size() * KEPT_BYTES);
            kept.clear();
        }
        return !kept.isEmpty();
    }

    /** Returns whether a publisher is a producer that is remembered. */
    boolean knows(@Nullable ProducerId id) {
        return id != null && (kind(id).has(id) || done.containsKey(id) || back.containsKey(id) || isKept(id));
    }

    /** Returns whether one is remembered whose time is not over. */
    boolean areExpected() {
        return named.areExpected() || oneLife.areExpected() || areKept();
    }

    private RememberedProducers kind(ProducerId id) {
        return id.isForOneLife() ? oneLife : named;
    }

    /**
     * Gives a publication its producer, a new one where it is not remembered; another publication that has it is over.
     *
     * @param source whose producer it is from now on where it has no place yet; null where that does not count
     * @throws io.bowstring.protocol.ProtocolException {@code LIMIT_REACHED} where there are too many for this source, and the
     *     time of none is over, or they take too much memory; {@code STORAGE_FULL}
     */
    Producer claim(ProducerId id, @Nullable Object source, Publication publication) {
        Producer producer = done.remove(id);
        if (producer != null) {
            back.put(id, producer);
        } else {
            producer = back.get(id);
        }
        if (producer == null) {
            producer = kind(id).connect(id, source);
            if (areKept()) {
                restore(producer);
            }
        }
        producer.claim(publication);
        return producer;
    }

    private void restore(Producer producer) {
        DurableLog.KeptProducer before = kept.remove(producer.id().digest());
        if (before != null) {
            share.release(KEPT_BYTES);
            producer.restore(before);
        }
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
        RememberedProducers kind = kind(producer.id());
        if (back.remove(producer.id()) != null) {
            addDone(producer);
        } else if (!producer.hasAppended() && !hasSealed) {
            kind.remove(producer);
            kind.forget(producer);
        } else if (isComplete && producer.id().isForOneLife()) {
            kind.remove(producer);
            addDone(producer);
        } else {
            kind.onGone(producer);
        }
    }

    private void addDone(Producer producer) {
        done.put(producer.id(), producer);
        if (done.size() > MAX_DONE) {
            oneLife.forgetFirst(done);
        }
    }
}
