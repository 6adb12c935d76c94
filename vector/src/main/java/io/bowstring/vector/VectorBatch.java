package io.bowstring.vector;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one record batch as vectors over the memory that it was received in.
 *
 * <p>Owns the vectors, and references to the dictionaries: all of them are valid until this is closed, whatever happens to
 * the reader and to other batches. The vectors may be taken out, with {@link #detachRoot}. They are to be read and not to be
 * written to: others may have the same message, and vectors share what is the same in all of them, such as the validity of
 * values none of which is null.
 *
 * <p>May be handed from thread to thread, and closed by any.
 */
public final class VectorBatch implements AutoCloseable {
    private final int rowCount;
    private final BatchDictionaries dictionaries;
    private final Map<String, String> customMetadata;
    private final int maxDecodedBytes;
    private final AtomicReference<@Nullable VectorSchemaRoot> root;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    /** Takes over {@code root} and {@code dictionaries}. */
    VectorBatch(
            VectorSchemaRoot root,
            BatchDictionaries dictionaries,
            Map<String, String> customMetadata,
            int maxDecodedBytes) {
        this.root = new AtomicReference<>(root);
        this.rowCount = root.getRowCount();
        this.dictionaries = dictionaries;
        this.customMetadata = customMetadata;
        this.maxDecodedBytes = maxDecodedBytes;
    }

    /**
     * Returns the vectors, those of encoded fields with the indices; borrowed. Its {@code setRowCount} and {@code allocateNew}
     * throw {@code UnsupportedOperationException}.
     *
     * @throws IllegalStateException if they were detached, or the batch is closed
     */
    public VectorSchemaRoot root() {
        return requirePresent(root.get());
    }

    /**
     * Takes the vectors out of the batch, which still has the dictionaries: if you look up the values of encoded fields, close
     * the batch after that. Close it once in any case. The vectors are to be read and not to be written to, as before: the
     * root's {@code setRowCount} and {@code allocateNew} throw {@code UnsupportedOperationException}.
     *
     * @return the vectors, owned: they live on when the batch is closed
     * @throws IllegalStateException if they were detached before, or the batch is closed
     */
    public VectorSchemaRoot detachRoot() {
        return requirePresent(root.getAndSet(null));
    }

    /**
     * Returns the rows with the values of dictionaries in place of indices: columns that are encoded have the type of their
     * dictionary, and are null where the index is or the value that it stands for. Columns of other columns, of a struct for
     * example, keep their indices, which {@link #dictionaries()} are for.
     *
     * <p>Decoded columns are copies: each value is copied for each row that has it, but for what views and list views refer to,
     * which is shared with the dictionary. All other columns share the memory of the batch. All of it is accounted in the
     * reader's allocator, and lives as long as the result, also when the batch is closed. It is to be read and not to be
     * written to, as what {@link #detachRoot} returns.
     *
     * <p>While a column is decoded there are 4 bytes on the heap for each of its rows, and at each level of nested lists 4 for
     * each item that the rows stand for, whatever an item takes. That is counted apart from the decoded columns, and has the
     * same limit.
     *
     * @return owned
     * @throws io.bowstring.codec.IpcException {@code TOO_LARGE} where the decoded columns would take more than
     *     {@link VectorConfig#maxDecompressedBytes}, or decoding one would on the heap: a few rows of a short batch may stand
     *     for one long value; {@code UNSUPPORTED} where a dictionary's values are unions or run-end encoded, or have such
     *     inside that no list view refers to; {@code MALFORMED} where values are not
     *     checked, and an index is outside of its dictionary
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator
     * @throws IllegalStateException if the root was detached, or the batch is closed
     */
    public VectorSchemaRoot newDecodedRoot() {
        return DecodedRoot.of(root(), dictionaries, maxDecodedBytes);
    }

    private static VectorSchemaRoot requirePresent(@Nullable VectorSchemaRoot present) {
        if (present == null) {
            throw new IllegalStateException(
                    "root: absent (expected: a batch that is open, whose root was not detached)");
        }
        return present;
    }

    /** Returns the dictionaries that this batch refers to, as they were when it came; borrowed. */
    public DictionaryProvider dictionaries() {
        return dictionaries;
    }

    /** Returns the {@code custom_metadata} of the message, in order; of several entries with one key the first. */
    public Map<String, String> customMetadata() {
        return customMetadata;
    }

    /** Returns how many rows there are, also when the batch is closed. */
    public int rowCount() {
        return rowCount;
    }

    /** Releases the dictionaries, and the vectors if they were not detached. May be called more than once. */
    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            try (dictionaries) {
                VectorSchemaRoot present = root.getAndSet(null);
                if (present != null) {
                    present.close();
                }
            }
        }
    }
}
