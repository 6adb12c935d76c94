package io.bowstring.client;

import io.bowstring.protocol.BatchPosition;
import io.bowstring.vector.VectorBatch;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * A batch of a topic as vectors over the memory that it was received in, and where it stands.
 *
 * <p>Owns the vectors, and references to the dictionaries: all of them are valid until this is closed, whatever happens to
 * the subscription. They are to be read and not to be written to. May be handed from thread to thread, and closed by any.
 */
public final class ReceivedBatch implements AutoCloseable {
    private final VectorBatch vectors;
    private final Runnable onClosed;

    /** Takes over {@code vectors}; {@code onClosed} runs when they are closed, maybe more than once. */
    ReceivedBatch(VectorBatch vectors, Runnable onClosed) {
        this.vectors = vectors;
        this.onClosed = onClosed;
    }

    /** Reads it where it is asked for, which it mostly is once if at all. */
    private BatchPosition position() {
        return BatchPosition.parse(vectors.customMetadata());
    }

    /** Returns its offset in the topic's log: 0 for the first, each one more than the batch before it. */
    public long offset() {
        return position().offset();
    }

    /** Returns when it was appended, by the server's clock, to the microsecond. */
    public Instant time() {
        return Instant.EPOCH.plus(position().timeMicros(), ChronoUnit.MICROS);
    }

    /** Returns how many batches were missed right before this one; 0 unless batches may be dropped. */
    public long gap() {
        return position().gap();
    }

    /** Returns the vectors, those of encoded fields with the indices; borrowed, and as {@link VectorBatch#root} says. */
    public VectorSchemaRoot root() {
        return vectors.root();
    }

    /** Returns the dictionaries that this batch refers to, as they were when it came; borrowed. */
    public DictionaryProvider dictionaries() {
        return vectors.dictionaries();
    }

    /** Returns the entries of the publisher, and those of the server. */
    public Map<String, String> customMetadata() {
        return vectors.customMetadata();
    }

    /** Returns how many rows there are. */
    public int rowCount() {
        return vectors.rowCount();
    }

    /** Releases the memory that nobody else holds. May be called more than once. */
    @Override
    public void close() {
        try {
            vectors.close();
        } finally {
            onClosed.run();
        }
    }
}
