package io.bowstring.codec;

import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Some of the top-level fields of a schema, in an order of their own: for a reader that does not want all of a
 * stream. The schema and each record batch are cut to these fields from their metadata alone; dictionary batches stay
 * as they are, and those in {@link #dictionaryIds()} are needed.
 *
 * <pre>
 *   batch       │ head │  a  │  b  │  c  │  d  │
 *                               │     │     │
 *   selected  │ new head │◄────┘ b ◄─┘ c   │      slices of the same body; b and c are one
 * </pre>
 *
 * <p>Immutable. Identity equality.
 */
public final class IpcSelection {
    /** The metadata of a batch has about this many bytes beside its vectors. */
    private static final int METADATA_BYTES = 256;

    private final List<IpcField> all;
    private final List<Integer> indices;
    private final List<IpcField> fields;
    private final Set<Long> dictionaryIds;

    /** The places of the schema's fields in its batches. */
    final ColumnSpans spans;

    private IpcSelection(List<IpcField> all, ColumnSpans spans, List<Integer> indices) {
        this.all = all;
        this.spans = spans;
        this.indices = List.copyOf(indices);
        this.fields = this.indices.stream().map(all::get).toList();
        this.dictionaryIds = dictionaryIds(fields);
    }

    /**
     * Selects fields. All selections of one schema object share the places of the schema's fields, so a selection takes
     * memory for its own columns only.
     *
     * @param schema what to select from; borrowed
     * @param indices of the wanted fields, in the wanted order; may be empty
     * @throws IllegalArgumentException where one of them is not the index of a field, or stands there twice
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    public static IpcSelection of(IpcSchema schema, List<Integer> indices) {
        int count = schema.fields().size();
        Set<Integer> seen = new HashSet<>();
        for (int index : indices) {
            if (index < 0 || index >= count || !seen.add(index)) {
                throw new IllegalArgumentException(
                        "field: " + index + " (expected: each once, of 0.." + (count - 1) + ")");
            }
        }
        return new IpcSelection(schema.fields(), schema.spans(), indices);
    }

    private static Set<Long> dictionaryIds(List<IpcField> selected) {
        return IpcField.withNested(selected).stream()
                .map(IpcField::dictionary)
                .filter(Objects::nonNull)
                .map(IpcDictionaryEncoding::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns the indices of the selected fields in the schema, in their order. */
    public List<Integer> indices() {
        return indices;
    }

    /** Returns the selected fields, in their order. */
    public List<IpcField> fields() {
        return fields;
    }

    /** Returns the ids of the dictionaries that the selected fields, at any depth, refer to. */
    public Set<Long> dictionaryIds() {
        return dictionaryIds;
    }

    /** Returns whether these are all fields, in the order of the schema. */
    public boolean isAll() {
        return indices.equals(IntStream.range(0, all.size()).boxed().toList());
    }

    /**
     * Cuts the schema to these fields by re-rooting: the tables of the others are no longer pointed to. All else stays,
     * {@code custom_metadata} also.
     *
     * @param schema one with the fields that were selected from; consumed
     * @return the schema, owned
     * @throws IllegalArgumentException where it has other fields, or not as many
     */
    public IpcSchema select(IpcSchema schema, ByteBufAllocator allocator) {
        Consumer<RootTables> edit = root -> {
            requireAll(schema.fields());
            root.selectFields(indices);
        };
        return new IpcSchema(RootTables.prepend(schema.bytes(), edit, allocator), fields, dictionaryIds);
    }

    private void requireAll(List<IpcField> fields) {
        if (fields.size() != all.size()) {
            throw new IllegalArgumentException("fields: " + fields.size() + " (expected: " + all.size() + ")");
        }
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.get(i).equals(all.get(i))) {
                String found = IpcMessage.excerpt(fields.get(i).toString());
                String rule = IpcMessage.excerpt(all.get(i).toString()) + ", of the schema that was selected from";
                throw new IllegalArgumentException("field " + i + ": " + found + " (expected: " + rule + ")");
            }
        }
    }

    /**
     * Cuts a record batch to these fields: a new head, and after it those parts of the body that these fields have,
     * which are not copied unless they are in more than 256 pieces. A buffer keeps its place
     * modulo 64; bytes between buffers are zero; the body is no longer than before, but for up to 7 bytes at its end. The
     * message's {@code custom_metadata} and the compression stay.
     *
     * @param batch of the schema that was selected from; consumed, whatever is thrown
     * @return the batch, owned; it shares the body
     * @throws IpcException {@code MALFORMED} where the batch is not of that schema, which a decoder that verifies the
     *     structure has excluded
     */
    public IpcRecordBatch select(IpcRecordBatch batch, ByteBufAllocator allocator) {
        return select(batch, () -> {}, allocator);
    }

    /**
     * Cuts a record batch as {@link #select(IpcRecordBatch, ByteBufAllocator)} does, and tells when the memory is free that it
     * has alone: its head, and its body where that is a copy.
     *
     * @param batch of the schema that was selected from; consumed, whatever is thrown
     * @param onFree runs once when the last reference to the result is dropped, by whichever thread; must not throw, and does
     *     not run where this method throws
     * @return the batch, owned; it shares the body
     * @throws IpcException as the other does
     */
    public IpcRecordBatch select(IpcRecordBatch batch, Runnable onFree, ByteBufAllocator allocator) {
        try {
            MessageHeader header = batch.bytes().header();
            IpcBatchMetadata old = batch.batchMetadata();
            BatchTable table = spans.select(old, indices);
            SelectedBody body = new SelectedBody(batch.body(), table);
            boolean hasEntries = header.entries() != 0;
            int expectedBytes = METADATA_BYTES + table.vectorBytes();
            MetadataWriter metadata = new MetadataWriter(
                    header.kind(), header.version(), body.readableBytes(), hasEntries, expectedBytes);
            metadata.header(table.write(metadata, batch.rowCount(), old.compressionBits()));
            if (hasEntries) {
                metadata.entries(CustomMetadata.copy(batch.bytes().reader(), header.entries(), metadata));
            }
            metadata.finish();
            return new IpcRecordBatch(body.newFrame(metadata, onFree, allocator), batch.rowCount());
        } finally {
            batch.release();
        }
    }
}
