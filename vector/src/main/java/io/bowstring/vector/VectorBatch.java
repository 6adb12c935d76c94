package io.bowstring.vector;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * The rows of one record batch as vectors over the memory that it was received in.
 *
 * <p>Owns the vectors, and references to the dictionaries: all of them are valid until this is closed, whatever happens to
 * the reader and to other batches. They are to be read and not to be written to: others may have the same message, and
 * vectors share what is the same in all of them, such as the validity of values none of which is null.
 *
 * <p>May be handed from thread to thread, and closed by any.
 */
public final class VectorBatch implements AutoCloseable {
    private final VectorSchemaRoot root;
    private final BatchDictionaries dictionaries;
    private final Map<String, String> customMetadata;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    /** Takes over {@code root} and {@code dictionaries}. */
    VectorBatch(VectorSchemaRoot root, BatchDictionaries dictionaries, Map<String, String> customMetadata) {
        this.root = root;
        this.dictionaries = dictionaries;
        this.customMetadata = customMetadata;
    }

    /**
     * Returns the vectors, those of encoded fields with the indices; borrowed. Its {@code setRowCount} and {@code allocateNew}
     * throw {@code UnsupportedOperationException}.
     */
    public VectorSchemaRoot root() {
        return root;
    }

    /** Returns the dictionaries that this batch refers to, as they were when it came; borrowed. */
    public DictionaryProvider dictionaries() {
        return dictionaries;
    }

    /** Returns the {@code custom_metadata} of the message, in order; of several entries with one key the first. */
    public Map<String, String> customMetadata() {
        return customMetadata;
    }

    /** Returns how many rows there are. */
    public int rowCount() {
        return root.getRowCount();
    }

    /** Releases the memory that nobody else holds. May be called more than once. */
    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            try {
                root.close();
            } finally {
                dictionaries.close();
            }
        }
    }
}
