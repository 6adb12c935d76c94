package io.bowstring.client;

import io.bowstring.protocol.BatchPosition;
import io.bowstring.vector.VectorBatch;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the batches stand that a client has received and that are not closed, so that it can name one. Holds no batch, so that
 * leak detection finds those that nobody has any more. Thread-safe.
 */
final class OpenBatches {
    private final Set<Place> places = ConcurrentHashMap.newKeySet();

    /**
     * Returns a batch with the place where it stands, owned.
     *
     * @param vectors consumed
     * @param source what it comes from, {@code topic prices} for example
     */
    ReceivedBatch open(VectorBatch vectors, String source) {
        try {
            Place place = new Place(source, vectors.customMetadata());
            ReceivedBatch batch = new ReceivedBatch(vectors, () -> places.remove(place));
            places.add(place);
            return batch;
        } catch (RuntimeException | Error e) {
            vectors.close();
            throw e;
        }
    }

    /**
     * Checks that all batches have been closed.
     *
     * @throws IllegalStateException if there is a batch that is not closed; the message names one
     */
    void requireNone() {
        places.stream().min(Comparator.comparingLong(Place::offset)).ifPresent(place -> {
            throw new IllegalStateException("received batches that are not closed: " + places.size() + ", one of "
                    + place.source + " at offset " + place.offset() + " (expected: each is closed before its client)");
        });
    }

    /** The place of one batch: two subscriptions may have batches of the same topic and offset. */
    private static final class Place {
        private final String source;
        private final Map<String, String> mark;

        Place(String source, Map<String, String> mark) {
            this.source = source;
            this.mark = mark;
        }

        long offset() {
            return BatchPosition.parse(mark).offset();
        }
    }
}
