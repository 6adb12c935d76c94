package io.bowstring.vector;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcBatchVerifier;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Makes vectors of the messages of one stream. Owns the dictionaries at present, and what is loaded where writers leave
 * buffers out. Confined to one thread.
 */
final class StreamVectors implements AutoCloseable {
    private final BufferAllocator allocator;
    private final BodyWrapper bodies;
    private final ArrowSchema schema;
    private final IpcBatchVerifier verifier;
    private final List<ColumnLoader> columns = new ArrayList<>();
    private final Map<Long, ColumnLoader> valueLoaders = new HashMap<>();
    private final StreamDictionaries dictionaries;
    private final MissingBuffers missing;
    private final BodyDecompressor decompressor;

    /**
     * Begins a stream.
     *
     * @param message borrowed
     * @param allocator what vectors are accounted in; borrowed
     * @param bodies accounts in the same
     * @throws IpcException where the schema is wrong, or arrow-java does not have a type: {@code UNSUPPORTED}
     */
    StreamVectors(IpcSchema message, BufferAllocator allocator, BodyWrapper bodies, VectorConfig config) {
        this.allocator = allocator;
        this.bodies = bodies;
        this.verifier = new IpcBatchVerifier(
                message.fields(),
                IpcLimits.UNLIMITED.toBuilder()
                        .maxDecompressedBytes(config.maxDecompressedBytes())
                        .build());
        this.schema = new ArrowSchema(message);
        List<Field> fields = schema.schema().getFields();
        ColumnChecks checks = ColumnChecks.of(config);
        for (int i = 0; i < fields.size(); i++) {
            IpcField field = message.fields().get(i);
            ColumnLoader column = ColumnLoader.ofField(field, checks);
            requireVector(field, fields.get(i), column, allocator);
            columns.add(column);
        }
        schema.dictionaries().forEach((id, values) -> {
            ColumnLoader loader = ColumnLoader.ofValues(values.encoded(), checks.ofValues());
            requireVector(values.encoded(), values.field(), loader, allocator);
            valueLoaders.put(id, loader);
        });
        this.dictionaries = new StreamDictionaries(schema.dictionaries(), allocator);
        this.missing = new MissingBuffers(allocator);
        this.decompressor = new BodyDecompressor(allocator, config.maxDecompressedBytes());
    }

    /**
     * Returns why fields cannot be read that cannot, by their index, in order.
     *
     * @param message borrowed
     */
    static Map<Integer, IpcException> unreadable(IpcSchema message, BufferAllocator allocator) {
        Map<Integer, IpcException> reasons = new LinkedHashMap<>();
        List<Map<String, String>> metadata = message.fieldMetadata();
        int next = 0;
        for (int i = 0; i < message.fields().size(); i++) {
            IpcField field = message.fields().get(i);
            int end = next + count(field);
            try {
                ArrowSchema alone = new ArrowSchema(List.of(field), metadata.subList(next, end), Map.of());
                requireVector(
                        field,
                        alone.schema().getFields().get(0),
                        ColumnLoader.ofField(field, ColumnChecks.NONE),
                        allocator);
                alone.dictionaries()
                        .values()
                        .forEach(values -> requireVector(
                                values.encoded(),
                                values.field(),
                                ColumnLoader.ofValues(values.encoded(), ColumnChecks.NONE),
                                allocator));
            } catch (IpcException e) {
                reasons.put(i, e);
            }
            next = end;
        }
        return reasons;
    }

    private static int count(IpcField field) {
        return 1 + field.children().stream().mapToInt(StreamVectors::count).sum();
    }

    /** Checks that arrow-java has vectors for a field. */
    private static void requireVector(
            IpcField field, Field arrowField, ColumnLoader loader, BufferAllocator allocator) {
        try (FieldVector vector = arrowField.createVector(allocator)) {
            loader.requireAllChildren(vector);
        } catch (RuntimeException e) { // of any kind: arrow-java was not made to be asked
            throw ArrowSchema.unsupported(field, e);
        }
    }

    /** Returns the schema of the roots. */
    Schema schema() {
        return schema.schema();
    }

    /** Returns an empty vector for each field; owned. */
    List<FieldVector> newVectors() {
        List<FieldVector> vectors = new ArrayList<>(columns.size());
        for (Field field : schema().getFields()) {
            vectors.add(field.createVector(allocator));
        }
        return vectors;
    }

    /**
     * Loads a record batch.
     *
     * @param batch consumed, whatever is thrown
     * @param vectors one for each field, borrowed; what they held is released, and they are empty where this throws
     * @return the dictionaries that it refers to; owned
     * @throws IpcException where the batch is wrong
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator
     */
    BatchDictionaries load(IpcRecordBatch batch, List<FieldVector> vectors) {
        try {
            verifier.verify(batch);
            BatchDictionaries snapshot = dictionaries.snapshot();
            IpcBatchMetadata metadata = batch.batchMetadata();
            try (BodyBuffers body = newBody(batch, metadata)) {
                BatchCursor cursor = new BatchCursor(metadata, body, missing);
                for (int i = 0; i < columns.size(); i++) {
                    columns.get(i).load(vectors.get(i), cursor, dictionaries);
                }
                return snapshot;
            } catch (Throwable e) {
                snapshot.close();
                throw e;
            }
        } catch (Throwable e) {
            vectors.forEach(FieldVector::clear);
            throw e;
        } finally {
            missing.endBatch();
            batch.release();
        }
    }

    /**
     * Sets a dictionary, or appends to one.
     *
     * @param batch consumed, whatever is thrown
     * @throws IpcException where the batch is wrong
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator
     */
    void loadDictionary(IpcDictionaryBatch batch) {
        try {
            verifier.verify(batch);
            long id = batch.id();
            FieldVector values = dictionaries.begin(id);
            long receivedBytes = loadValues(values, batch, id);
            if (batch.isDelta()) {
                dictionaries.append(id, values, receivedBytes);
            } else {
                dictionaries.set(id, values, receivedBytes);
            }
        } finally {
            missing.endBatch();
            batch.release();
        }
    }

    /**
     * Loads a dictionary batch, borrowed.
     *
     * @param values empty; borrowed, and closed where this throws
     * @return how long its body is, and what has been decompressed of it
     */
    private long loadValues(FieldVector values, IpcDictionaryBatch batch, long id) {
        try (BodyBuffers body = newBody(batch, batch.batchMetadata())) {
            BatchCursor cursor = new BatchCursor(batch.batchMetadata(), body, missing);
            Objects.requireNonNull(valueLoaders.get(id)).load(values, cursor, dictionaries);
            return body.bytes();
        } catch (Throwable e) {
            values.close();
            throw e;
        }
    }

    /** Returns the buffers of a message, borrowed; owned. */
    private BodyBuffers newBody(IpcMessage message, IpcBatchMetadata metadata) {
        return decompressor.decompress(
                metadata, bodies.wrap(message.retain()), message.body().alloc());
    }

    @Override
    public void close() {
        dictionaries.close();
        missing.close();
    }
}
