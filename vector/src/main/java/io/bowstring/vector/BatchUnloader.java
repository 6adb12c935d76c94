package io.bowstring.vector;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of vectors: the nodes and buffers in the order of the format, each field before its children. The messages
 * share the memory of long buffers. Vectors are borrowed, and left as they are.
 *
 * <p>Owns memory for short messages to come. Confined to one thread.
 */
final class BatchUnloader implements AutoCloseable {
    private final BatchWriterConfig config;
    private final @Nullable BodyCompressor compressor;
    private final ByteBufAllocator allocator;
    private long copiedBytes;

    /** Of record batches; null until there is one. */
    private @Nullable IpcBatchBuilder batches;

    /** From how many bytes on its buffers are shared. */
    private int batchesSharedFromBytes;

    /** The buffers of the batch that is being built by their index, where they are copied; borrowed. */
    private final List<@Nullable ArrowBuf> copied = new ArrayList<>();

    private final IpcBatchBuilder.Source source = this::copy;

    BatchUnloader(BatchWriterConfig config, ByteBufAllocator allocator) {
        this(config, newCompressor(config), allocator);
    }

    /** For tests, whose compressor may fail. */
    BatchUnloader(BatchWriterConfig config, @Nullable BodyCompressor compressor, ByteBufAllocator allocator) {
        this.config = config;
        this.compressor = compressor;
        this.allocator = allocator;
    }

    private static @Nullable BodyCompressor newCompressor(BatchWriterConfig config) {
        IpcCompression compression = config.compression();
        return compression == null ? null : BodyCompressor.of(compression, config.zstdLevel());
    }

    /** Returns how many bytes of vectors were copied since the beginning. */
    long copiedBytes() {
        return copiedBytes;
    }

    /**
     * Returns a batch.
     *
     * @param root borrowed
     * @param sharedFromBytes what is shorter is copied
     * @return the message, owned
     */
    IpcRecordBatch recordBatch(VectorSchemaRoot root, Map<String, String> customMetadata, int sharedFromBytes) {
        IpcBatchBuilder builder = batches(sharedFromBytes);
        try {
            add(root.getSchema().getFields(), root.getFieldVectors(), sharedFromBytes, builder);
            IpcRecordBatch batch = builder.recordBatch(root.getRowCount(), customMetadata);
            copiedBytes += builder.copiedBytes();
            return batch;
        } finally {
            builder.clear();
            copied.clear();
        }
    }

    private IpcBatchBuilder batches(int sharedFromBytes) {
        IpcBatchBuilder present = batches;
        if (present == null || batchesSharedFromBytes != sharedFromBytes) {
            close();
            present = new IpcBatchBuilder(config.compression(), sharedFromBytes, allocator);
            batches = present;
            batchesSharedFromBytes = sharedFromBytes;
        }
        return present;
    }

    /**
     * Returns the values of a dictionary.
     *
     * @param values borrowed
     * @return the message, owned
     */
    IpcDictionaryBatch dictionaryBatch(long id, boolean isDelta, FieldVector values) {
        int sharedFromBytes = IpcBatchBuilder.SHARED_FROM_BYTES;
        try (IpcBatchBuilder builder = new IpcBatchBuilder(config.compression(), sharedFromBytes, allocator)) {
            add(values.getField(), values, sharedFromBytes, builder);
            return builder.dictionaryBatch(id, isDelta, values.getValueCount());
        } finally {
            copied.clear();
        }
    }

    /** Adds the vectors of fields. There may be more vectors: arrow-java adds children to the sparse unions that it reads. */
    private void add(List<Field> fields, List<FieldVector> vectors, int sharedFromBytes, IpcBatchBuilder builder) {
        for (int i = 0; i < fields.size(); i++) {
            add(fields.get(i), vectors.get(i), sharedFromBytes, builder);
        }
    }

    private void add(Field field, FieldVector extended, int sharedFromBytes, IpcBatchBuilder builder) {
        FieldVector vector = storage(extended);
        List<ArrowBuf> buffers = vector.getFieldBuffers();
        boolean hasValidity = hasValidity(vector);
        int nulls = hasValidity ? NullValues.count(buffers.get(0), vector.getValueCount()) : vector.getNullCount();
        builder.addNode(vector.getValueCount(), nulls);
        if (vector instanceof BaseVariableWidthViewVector) {
            builder.addVariadicCount(buffers.size() - 2L); // all but validity and views
        }
        for (int i = 0; i < buffers.size(); i++) {
            boolean isZeroed = config.zeroesNulls() && hasValidity && nulls > 0;
            ByteBuf zeroed = isZeroed ? NullValues.zeroed(vector, buffers, i, allocator) : null;
            if (zeroed != null) {
                copiedBytes += zeroed.readableBytes();
                copied.add(null);
                add(zeroed, builder);
            } else if (hasValidity && i == 0 && nulls == 0 && buffers.size() > 1) {
                copied.add(null); // a reader knows; what has nothing else keeps it, see IpcVerification
                builder.addBuffer(Unpooled.EMPTY_BUFFER);
            } else {
                add(buffers.get(i), sharedFromBytes, builder);
            }
        }
        List<FieldVector> children = children(field, vector);
        if (children.size() != field.getChildren().size() && !(vector instanceof UnionVector)) {
            throw new IllegalArgumentException("field " + ArrowSchema.excerpt(field.getName()) + ": " + children.size()
                    + " children (expected: " + field.getChildren().size() + ", as in the schema of the root)");
        }
        add(field.getChildren(), children, sharedFromBytes, builder);
    }

    /** Returns the vectors of the field's children in their order; a dense union has them in that in which they were added. */
    private static List<FieldVector> children(Field field, FieldVector vector) {
        if (!(vector instanceof DenseUnionVector union)) {
            return vector.getChildrenFromFields();
        }
        int[] typeIds = ((ArrowType.Union) ArrowTypes.storage(field.getType())).getTypeIds();
        return IntStream.range(0, field.getChildren().size())
                .mapToObj(i -> (FieldVector) union.getVectorByType((byte) (typeIds == null ? i : typeIds[i])))
                .toList();
    }

    static FieldVector storage(FieldVector vector) {
        FieldVector storage = vector;
        while (storage instanceof ExtensionTypeVector<?> extension) {
            storage = (FieldVector) extension.getUnderlyingVector();
        }
        return storage;
    }

    private static boolean hasValidity(FieldVector vector) {
        return switch (vector.getMinorType()) {
            case NULL, UNION, DENSEUNION, RUNENDENCODED -> false;
            default -> true;
        };
    }

    /** Adds the next buffer, borrowed: what is copied before the vectors can change needs no reference. */
    private void add(ArrowBuf buffer, int sharedFromBytes, IpcBatchBuilder builder) {
        int bytes = ArrowBuffers.bytes(buffer);
        boolean isCopied = bytes < sharedFromBytes;
        copied.add(buffer);
        if (compressor == null && isCopied) {
            builder.addCopied(bytes, source);
        } else if (isCopied) {
            add(bytes == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(memory(buffer, bytes)), builder);
        } else {
            add(ArrowBuffers.retainedByteBuf(buffer), builder);
        }
    }

    private static ByteBuffer memory(ArrowBuf buffer, int bytes) {
        return ForeignMemory.at(buffer.memoryAddress() + buffer.readerIndex(), bytes);
    }

    private void copy(int index, ByteBuf to) {
        ArrowBuf buffer = Objects.requireNonNull(copied.get(index));
        int bytes = (int) buffer.readableBytes();
        if (to.hasMemoryAddress() && to.writableBytes() >= bytes) {
            long address = buffer.memoryAddress() + buffer.readerIndex();
            MemoryUtil.copyMemory(address, to.memoryAddress() + to.writerIndex(), bytes);
            to.writerIndex(to.writerIndex() + bytes);
        } else {
            to.writeBytes(memory(buffer, bytes));
        }
    }

    /** Adds the next buffer, compressed where that is wanted and makes it shorter; {@code bytes} are consumed. */
    private void add(ByteBuf bytes, IpcBatchBuilder builder) {
        if (compressor == null || !bytes.isReadable()) {
            builder.addBuffer(bytes);
            return;
        }
        ByteBuf compressed;
        try {
            compressed = compressor.compress(bytes, allocator);
        } catch (Throwable e) {
            bytes.release();
            throw e;
        }
        if (compressed == null) {
            builder.addBuffer(bytes);
        } else {
            builder.addCompressed(compressed, bytes.readableBytes());
            bytes.release();
        }
    }

    /** Lets go of the memory; messages live on. */
    @Override
    public void close() {
        if (batches != null) {
            batches.close();
            batches = null;
        }
    }
}
