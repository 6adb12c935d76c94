package io.bowstring.client;

import io.bowstring.vector.VectorBatch;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The batches that a client has received and that are not closed, so that it can name them. Thread-safe. */
final class OpenBatches implements AutoCloseable {
    private final Map<ReceivedBatch, String> sources = new ConcurrentHashMap<>();

    /**
     * Returns a batch with the place where it stands, owned.
     *
     * @param vectors consumed
     * @param source what it comes from, {@code topic prices} for example
     */
    ReceivedBatch open(VectorBatch vectors, String source) {
        ReceivedBatch batch = new ReceivedBatch(vectors, this);
        sources.put(batch, source);
        return batch;
    }

    void onClosed(ReceivedBatch batch) {
        sources.remove(batch);
    }

    boolean isEmpty() {
        return sources.isEmpty();
    }

    /**
     * The client is closed.
     *
     * @throws IllegalStateException if there is a batch that is not closed; the message names one
     */
    @Override
    public void close() {
        sources.keySet().stream()
                .min(Comparator.comparingLong(ReceivedBatch::offset))
                .ifPresent(batch -> {
                    throw new IllegalStateException("received batches that are not closed: " + sources.size()
                            + ", one of " + sources.get(batch) + " at offset " + batch.offset()
                            + " (expected: each is closed before its client)");
                });
    }
}
