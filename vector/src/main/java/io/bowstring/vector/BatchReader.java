package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes vectors of the messages of Arrow IPC streams, one stream after another. It is given each message as it comes and
 * never waits for one, so that it can be used on an event loop.
 *
 * <p>What a vector holds is the memory of its message, accounted in the user's allocator: nothing is copied, unless a body is
 * compressed, on the heap or in several parts, or has decimals of 32 or 64 bits, which become 128 bits wide. Nothing of
 * a message is trusted: its structure is verified once more, wherever it comes from, and its values as {@link
 * VectorConfig} says. Structs in which two fields have the same name are refused, as arrow-java refuses them, unless
 * its {@code -Darrow.struct.conflict.policy=CONFLICT_APPEND} is given.
 *
 * <p>Owns the dictionaries at present, and a little memory for what writers leave out, which counts in the allocator until
 * the reader and all batches that use it are closed. Confined to one thread; batches are not.
 */
public final class BatchReader implements AutoCloseable {
    private final BufferAllocator allocator;
    private final VectorConfig config;

    /** The columns that are read; null for all. */
    private final @Nullable ColumnSelection columns;

    private final BodyWrapper bodies;
    private @Nullable StreamVectors stream;
    private @Nullable SelectedStream selected;
    private @Nullable Schema schema;
    private @Nullable RuntimeException failure;

    /** Creates a reader with {@link VectorConfig#DEFAULTS}. */
    public BatchReader(BufferAllocator allocator) {
        this(allocator, VectorConfig.DEFAULTS);
    }

    /**
     * Creates a reader.
     *
     * @param allocator what the memory of vectors is accounted in; borrowed until the reader and all batches are closed
     * @throws IllegalStateException if Arrow's memory cannot be used on this JVM; the message says what would help
     */
    public BatchReader(BufferAllocator allocator, VectorConfig config) {
        this(config, allocator, null);
    }

    /**
     * Creates a reader of some of the columns. It does not look at the others: it does not find out whether they are what the
     * schema says, nor whether arrow-java has their types. The selected columns share the body where they are one piece of it,
     * from a multiple of 64 on; else they are copied into one piece, and the body let go of.
     *
     * @param allocator what the memory of vectors is accounted in; borrowed until the reader and all batches are closed
     * @param columns asked at each schema. {@link #read} passes its exceptions on, and the reader then takes no more messages
     * @throws IllegalStateException if Arrow's memory cannot be used on this JVM; the message says what would help
     */
    public BatchReader(BufferAllocator allocator, VectorConfig config, ColumnSelection columns) {
        this(config, allocator, columns);
    }

    private BatchReader(VectorConfig config, BufferAllocator allocator, @Nullable ColumnSelection columns) {
        ArrowPlatform.requireUsable();
        this.allocator = allocator;
        this.config = config;
        this.columns = columns;
        this.bodies = new BodyWrapper(allocator);
    }

    /**
     * Returns which top-level fields of a schema cannot be read, so that a reader would refuse it, and why: their type is one
     * that arrow-java does not have. To read the others, leave these out with an {@link io.bowstring.codec.IpcSelection}.
     *
     * @param schema borrowed
     * @param allocator of vectors that are not filled; borrowed
     * @return by the index of the field, in order; empty where all can be read
     */
    public static Map<Integer, IpcException> unreadableFields(IpcSchema schema, BufferAllocator allocator) {
        return StreamVectors.unreadable(schema, allocator);
    }

    /**
     * Takes the next message.
     *
     * @param message consumed
     * @return a batch, owned; null where the message is none but a schema, a dictionary, or the end of a stream
     * @throws IpcException where the message is wrong, is not what may come next, or has a type that arrow-java does not
     *     have ({@code UNSUPPORTED}); the reader then takes no more messages
     * @throws IllegalArgumentException where a schema does not have the columns that are selected; the reader then takes no
     *     more messages
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator; where that is a record batch,
     *     it is lost and those that follow may be read
     */
    public @Nullable VectorBatch read(IpcMessage message) {
        if (failure != null) {
            message.release();
            throw failure;
        }
        try {
            return readNext(message);
        } catch (Throwable e) { // errors too: of direct memory, mostly
            if (e instanceof IpcException || message.kind() != IpcKind.RECORD_BATCH) {
                failure = e instanceof RuntimeException known
                        ? known
                        : new IllegalStateException("a schema or dictionary was lost", e);
            }
            throw e;
        }
    }

    private @Nullable VectorBatch readNext(IpcMessage message) {
        StreamVectors present = stream;
        SelectedStream some = selected;
        if ((present == null) != (message.kind() == IpcKind.SCHEMA)) {
            message.release();
            String rule = present == null ? "a schema" : "a batch";
            throw new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", message.kind(), rule);
        }
        if (message instanceof IpcSchema newSchema) {
            begin(newSchema);
        } else if (message instanceof IpcRecordBatch batch && present != null) {
            return newBatch(some == null ? batch : some.cut(batch), present, config.maxDecompressedBytes());
        } else if (message instanceof IpcDictionaryBatch dictionary && some != null && some.isSkipped(dictionary)) {
            message.release();
        } else if (message instanceof IpcDictionaryBatch dictionary && present != null) {
            present.loadDictionary(dictionary);
        } else {
            message.release();
            end();
        }
        return null;
    }

    private void begin(IpcSchema whole) {
        SelectedStream some;
        try {
            some = columns == null ? null : new SelectedStream(whole, columns);
        } catch (Throwable e) {
            whole.release();
            throw e;
        }
        IpcSchema message = some == null ? whole : some.cut(whole);
        try {
            stream = new StreamVectors(message, allocator, bodies, config);
            schema = stream.schema();
            selected = some;
        } finally {
            message.release();
        }
    }

    private static VectorBatch newBatch(IpcRecordBatch batch, StreamVectors from, int maxDecodedBytes) {
        Map<String, String> customMetadata;
        List<FieldVector> vectors;
        try {
            customMetadata = batch.customMetadata();
            vectors = from.newVectors();
        } catch (Throwable e) {
            batch.release();
            throw e;
        }
        int rowCount = (int) batch.rowCount(); // is verified before it is used
        BatchDictionaries dictionaries = from.load(batch, vectors);
        ReceivedRoot root = new ReceivedRoot(from.schema(), vectors, rowCount);
        return new VectorBatch(root, dictionaries, customMetadata, maxDecodedBytes);
    }

    private void end() {
        StreamVectors present = stream;
        stream = null;
        selected = null;
        if (present != null) {
            present.close();
        }
    }

    /**
     * Returns the schema of the columns that are read, also when the stream has ended. Fields that are encoded with a
     * dictionary have the type of their indices, as vectors have.
     *
     * @throws IllegalStateException where it has not come
     */
    public Schema schema() {
        if (schema == null) {
            throw new IllegalStateException("no schema yet");
        }
        return schema;
    }

    /** Returns whether a schema has come and the end of its stream has not. */
    public boolean isInStream() {
        return stream != null;
    }

    /**
     * Returns how many bytes of bodies were copied because they were on the heap or in several parts, as some of the columns
     * of a batch may be.
     */
    public long copiedBytes() {
        return bodies.copiedBytes();
    }

    /** Forgets the stream. Batches stay as they are. May be called more than once. */
    @Override
    public void close() {
        end();
    }
}
