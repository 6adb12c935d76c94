package io.bowstring.codec;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds batches against a schema, as {@link IpcVerification#STRUCTURE} says. A decoder does so by itself; this is for those
 * who have messages from elsewhere and are to trust their metadata.
 *
 * <p>Confined to one thread.
 */
public final class IpcBatchVerifier {
    /** A dictionary: the first field that is encoded with it, and what its batches must look like. */
    private record Dictionary(IpcField field, BatchLayout layout) {}

    /** Metadata of some hundred buffers; of more, the comparison is not what counts. */
    private static final int MAX_REMEMBERED_BYTES = 8 << 10;

    private final BatchLayout recordBatch;
    private final Map<Long, Dictionary> dictionaries = new HashMap<>();
    private final BatchVerifier verifier;

    /** The metadata of the last record batch that was found good by its metadata alone; empty where there is none. */
    private ByteBuffer good = ByteBuffer.allocate(0);

    /**
     * Compiles what batches must look like.
     *
     * @param schema borrowed
     * @param limits of which {@code maxDecompressedBytes} counts
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be, or fields share a dictionary
     *     but not the type of its values
     */
    public IpcBatchVerifier(IpcSchema schema, IpcLimits limits) {
        this(schema.fields(), limits);
    }

    /** As above, for the batches of a schema that has these fields. */
    public IpcBatchVerifier(List<IpcField> fields, IpcLimits limits) {
        this.recordBatch = BatchLayout.ofFields(fields);
        this.verifier = new BatchVerifier(limits);
        for (IpcField field : IpcField.withNested(fields)) {
            if (field.dictionary() != null) {
                addDictionary(field.dictionary().id(), field);
            }
        }
    }

    private void addDictionary(long id, IpcField field) {
        Dictionary present = dictionaries.get(id);
        if (present == null) {
            dictionaries.put(id, new Dictionary(field, BatchLayout.ofDictionary(field)));
        } else if (!shape(present.field()).equals(shape(field))) {
            IpcType expected = present.field().type();
            throw IpcException.malformed("values of dictionary " + id, field.type(), expected + " in all fields");
        }
    }

    /** Returns what the values of a dictionary are all the way down, whatever the fields' names: for comparison. */
    private static List<List<Object>> shape(IpcField field) {
        IpcField values = new IpcField("", true, field.type(), null, field.children());
        return IpcField.withNested(List.of(values)).stream()
                .map(part ->
                        List.<Object>of(part.type(), part.children().size(), Optional.ofNullable(part.dictionary())))
                .toList();
    }

    /**
     * Checks a record batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcRecordBatch batch) {
        verifyRecordBatch(batch.bytes(), batch.bytes().reader());
    }

    /**
     * Checks a dictionary batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcDictionaryBatch batch) {
        verifyDictionaryBatch(batch.id(), batch.bytes(), batch.bytes().reader());
    }

    /**
     * Checks a record batch. If columns have a fixed width, one batch after another has the same metadata: to see that takes a
     * small part of the time to check it again.
     *
     * @param frame borrowed, and so is its {@code metadata}
     * @throws IpcException where it does not fit its schema
     */
    void verifyRecordBatch(Frame frame, MetadataReader metadata) {
        if (metadata.hasBytes(good)) {
            return;
        }
        boolean isGoodByMetadata = verifier.verify(
                recordBatch,
                new IpcBatchMetadata(frame, metadata, frame.header().table()));
        if (isGoodByMetadata && frame.metadataBytes() <= MAX_REMEMBERED_BYTES) {
            good = metadata.copyBytes(good);
        }
    }

    /**
     * Checks the batch inside a dictionary batch.
     *
     * @param frame borrowed, and so is its {@code metadata}
     * @throws IpcException where it does not fit its schema
     */
    void verifyDictionaryBatch(long id, Frame frame, MetadataReader metadata) {
        Dictionary dictionary = dictionaries.get(id);
        if (dictionary == null) {
            throw IpcException.malformed("dictionary id", id, "an id in the schema");
        }
        int table = metadata.table(frame.header().table(), 1);
        verifier.verify(dictionary.layout(), new IpcBatchMetadata(frame, metadata, table));
    }
}
