package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A stream of messages for code that expects an {@link ArrowReader}: one root, which each batch is loaded into. It does what
 * a {@link BatchReader} does, and as that copies nothing; the vectors are to be read and not to be written to. Where batches
 * are to be kept, or to come without being waited for, that one is for it.
 *
 * <p>Dictionaries are those of the batch in the root, and valid as long as that is there. Other than with Arrow's own
 * readers each replacement is a new vector: {@link #lookup} again after each batch.
 *
 * <p>Owns the root, and not the source. Confined to one thread.
 */
public final class MessageArrowReader extends ArrowReader {
    private final MessageSource source;
    private final VectorConfig config;
    private final BodyWrapper bodies;
    private @Nullable StreamVectors stream;
    private BatchDictionaries dictionariesOfBatch = BatchDictionaries.NONE;
    private Map<String, String> customMetadata = Map.of();
    private long bytesRead;

    /** A message was wrong, or a dictionary could not be loaded: what follows cannot be read any more. */
    private boolean hasFailed;

    /** Creates a reader with {@link VectorConfig#DEFAULTS}. */
    public MessageArrowReader(MessageSource source, BufferAllocator allocator) {
        this(source, allocator, VectorConfig.DEFAULTS);
    }

    /**
     * Creates a reader of one stream.
     *
     * @param source of a schema, batches and an end of stream; borrowed, for its owner to close after the reader
     * @param allocator what the memory of vectors is accounted in; borrowed
     */
    public MessageArrowReader(MessageSource source, BufferAllocator allocator, VectorConfig config) {
        super(allocator);
        this.source = source;
        this.config = config;
        this.bodies = new BodyWrapper(allocator);
    }

    /**
     * Loads the next batch into the root, which is empty where there is none or this throws.
     *
     * @return false at the end of the stream, or of the messages
     * @throws IpcException where a message is wrong, is not what may come next, or has a type that arrow-java does not have;
     *     {@code UNSUPPORTED} where a dense union has values that none or several rows refer to
     */
    @Override
    public boolean loadNextBatch() throws IOException {
        prepareLoadNextBatch();
        getVectorSchemaRoot().clear();
        for (IpcMessage message = next(); message != null; message = next()) {
            if (message instanceof IpcRecordBatch batch) {
                loadOrFail(batch);
                return true;
            }
            if (message instanceof IpcDictionaryBatch dictionary) {
                loadDictionary(dictionary);
            } else {
                message.release();
                if (message.kind() == IpcKind.END_OF_STREAM) {
                    return false;
                }
                hasFailed = true;
                throw outOfOrder(message.kind(), "a batch");
            }
        }
        return false;
    }

    private void loadOrFail(IpcRecordBatch batch) throws IOException {
        try {
            load(batch);
        } catch (IpcException e) { // above the limit of the allocator those that follow may be read
            hasFailed = true;
            throw e;
        }
    }

    private void loadDictionary(IpcDictionaryBatch dictionary) {
        hasFailed = true;
        stream().loadDictionary(dictionary);
        hasFailed = false;
    }

    private @Nullable IpcMessage next() throws IOException {
        if (hasFailed) {
            throw new IOException("a message before this was wrong or lost: the stream cannot be read on");
        }
        IpcMessage message = source.next();
        bytesRead += message == null ? 0 : message.frameBytes();
        return message;
    }

    private StreamVectors stream() {
        return Objects.requireNonNull(stream, "stream");
    }

    private void load(IpcRecordBatch batch) throws IOException {
        VectorSchemaRoot root = getVectorSchemaRoot();
        int rowCount = (int) batch.rowCount(); // is verified before it is used
        try {
            customMetadata = batch.customMetadata();
        } catch (Throwable e) {
            batch.release();
            throw e;
        }
        BatchDictionaries next = stream().load(batch, root.getFieldVectors());
        dictionariesOfBatch.close();
        dictionariesOfBatch = next;
        try {
            DenseUnions.requireOneReferenceToEachValue(root.getFieldVectors());
        } catch (Throwable e) {
            root.clear();
            throw e;
        }
        root.setRowCount(rowCount);
    }

    private static IpcException outOfOrder(Object kind, String rule) {
        return new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", kind, rule);
    }

    @Override
    protected Schema readSchema() throws IOException {
        IpcMessage message = next();
        try {
            if (!(message instanceof IpcSchema schema)) {
                throw outOfOrder(message == null ? "none" : message.kind(), "a schema");
            }
            StreamVectors begun = new StreamVectors(schema, allocator, bodies, config);
            stream = begun;
            return begun.schema();
        } finally {
            if (message != null) {
                message.release();
            }
        }
    }

    /** Returns the {@code custom_metadata} of the message of the batch in the root. */
    public Map<String, String> customMetadata() {
        return customMetadata;
    }

    @Override
    public Map<Long, Dictionary> getDictionaryVectors() throws IOException {
        ensureInitialized();
        Map<Long, Dictionary> vectors = new HashMap<>();
        dictionariesOfBatch.getDictionaryIds().forEach(id -> vectors.put(id, dictionariesOfBatch.lookup(id)));
        return vectors;
    }

    @Override
    public @Nullable Dictionary lookup(long id) {
        return dictionariesOfBatch.lookup(id);
    }

    @Override
    public Set<Long> getDictionaryIds() {
        return dictionariesOfBatch.getDictionaryIds();
    }

    /** Returns how many bytes the messages had that have been taken from the source. */
    @Override
    public long bytesRead() {
        return bytesRead;
    }

    /** Releases the batch in the root. The source is not this reader's to close. */
    @Override
    public void close(boolean closeReadSource) throws IOException {
        try {
            super.close(closeReadSource);
        } finally {
            dictionariesOfBatch.close();
            dictionariesOfBatch = BatchDictionaries.NONE;
            if (stream != null) {
                stream.close();
                stream = null;
            }
        }
    }

    @Override
    protected void closeReadSource() {}
}
