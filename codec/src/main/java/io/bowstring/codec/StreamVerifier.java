package io.bowstring.codec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Checks the batches of one stream against its schema. Confined to one decoder. */
final class StreamVerifier {
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
     * Compiles what the batches of a stream must look like.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be, or fields share a dictionary
     *     but not the type of its values
     */
    StreamVerifier(List<IpcField> fields, IpcLimits limits) {
        this.recordBatch = BatchLayout.ofFields(fields);
        this.verifier = new BatchVerifier(limits);
        addDictionaries(fields);
    }

    private void addDictionaries(List<IpcField> fields) {
        List<IpcField> all = new ArrayList<>(fields);
        for (int i = 0; i < all.size(); i++) { // which grows
            IpcField field = all.get(i);
            if (field.dictionary() != null) {
                addDictionary(field.dictionary().id(), field);
            }
            all.addAll(field.children());
        }
    }

    private void addDictionary(long id, IpcField field) {
        Dictionary present = dictionaries.get(id);
        if (present == null) {
            dictionaries.put(id, new Dictionary(field, BatchLayout.ofDictionary(field)));
        } else if (!hasSameValues(present.field(), field)) {
            IpcType expected = present.field().type();
            throw IpcException.malformed("values of dictionary " + id, field.type(), expected + " in all fields");
        }
    }

    /** Returns whether two fields have the same type all the way down, whatever their names. */
    private static boolean hasSameValues(IpcField one, IpcField other) {
        List<IpcField> ones = new ArrayList<>(List.of(one));
        List<IpcField> others = new ArrayList<>(List.of(other));
        for (int i = 0; i < ones.size(); i++) { // which grows, as do the others
            IpcField a = ones.get(i);
            IpcField b = others.get(i);
            boolean isSame = a.type().equals(b.type())
                    && a.children().size() == b.children().size();
            if (!isSame || (i > 0 && !Objects.equals(a.dictionary(), b.dictionary()))) {
                return false;
            }
            ones.addAll(a.children());
            others.addAll(b.children());
        }
        return true;
    }

    /**
     * Checks a record batch. Where columns have a fixed width, one batch after another has the same metadata: to see that
     * takes a small part of the time to check it again.
     *
     * @param frame borrowed, and so is its {@code metadata}
     * @throws IpcException where it does not fit its schema
     */
    void verifyRecordBatch(Frame frame, MetadataReader metadata) {
        if (metadata.hasBytes(good)) {
            return;
        }
        boolean isGoodByMetadata =
                verifier.verify(recordBatch, metadata, frame.header().table(), frame);
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
        verifier.verify(
                dictionary.layout(), metadata, metadata.table(frame.header().table(), 1), frame);
    }
}
