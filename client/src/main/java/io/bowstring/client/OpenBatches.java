package io.bowstring.client;

import io.bowstring.protocol.BatchPosition;
import io.bowstring.vector.VectorBatch;
import java.util.Comparator;
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
            BatchPosition position = BatchPosition.parse(vectors.customMetadata());
            Place place = new Place(source, position.offset());
            ReceivedBatch batch = new ReceivedBatch(vectors, position, () -> places.remove(place));
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
        places.stream().min(Comparator.comparingLong(place -> place.offset)).ifPresent(place -> {
            throw new IllegalStateException("received batches that are not closed: " + places.size() + ", one of "
                    + place.source + " at offset " + place.offset + " (expected: each is closed before its client)");
        });
    }

    /** The place of one batch: two subscriptions may have batches of the same topic and offset. */
    private static final class Place {
        private final String source;
        private final long offset;

        Place(String source, long offset) {
            this.source = source;
            this.offset = offset;
        }
    }
}
