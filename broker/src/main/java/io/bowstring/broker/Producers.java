package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The producers that a topic remembers: those that are connected, and of the others those that were so last.
 *
 * <p>Confined to the topic's loop.
 */
final class Producers {
    private final int maxProducers;

    /** In the order in which they were connected last. */
    private final Map<ProducerId, Producer> producers = new LinkedHashMap<>();

    Producers(int maxProducers) {
        this.maxProducers = maxProducers;
    }

    /** Returns whether a publisher is a producer that is remembered. */
    boolean knows(@Nullable ProducerId id) {
        return id != null && producers.containsKey(id);
    }

    /**
     * Gives a publication its producer, a new one where it is not remembered; another publication that has it is over.
     *
     * @throws ProtocolException {@code LIMIT_REACHED} where there are too many, and all are connected
     */
    Producer claim(ProducerId id, Publication publication) {
        Producer producer = producers.get(id);
        if (producer == null) {
            requireRoom();
            producer = new Producer(id);
            producers.put(id, producer);
        }
        producer.claim(publication);
        return producer;
    }

    /** The publication is over; without effect where another has the producer by now. */
    void release(Producer producer, Publication publication) {
        if (producer.release(publication)) {
            producers.remove(producer.id());
            producers.put(producer.id(), producer);
        }
    }

    /** Forgets the one that has been gone for longest, where there is no more room. */
    private void requireRoom() {
        if (producers.size() < maxProducers) {
            return;
        }
        for (Iterator<Producer> all = producers.values().iterator(); all.hasNext(); ) {
            if (!all.next().isHeld()) {
                all.remove();
                return;
            }
        }
        throw ProtocolException.of(
                ErrorCode.LIMIT_REACHED, "connected producers", maxProducers + 1, "<= " + maxProducers);
    }
}
