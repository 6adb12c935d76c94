package io.bowstring.codec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Checks the batches of one stream against its schema. Confined to one decoder. */
final class StreamVerifier {
    /** A dictionary: the first field that is encoded with it, and what its batches must look like. */
    private record Dictionary(IpcField field, BatchLayout layout) {}

    private final BatchLayout recordBatch;
    private final Map<Long, Dictionary> dictionaries = new HashMap<>();
    private final BatchVerifier verifier;

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
        for (IpcField field : fields) {
            if (field.dictionary() != null) {
                addDictionary(field.dictionary().id(), field);
            }
            addDictionaries(field.children());
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
        boolean isSame = one.type().equals(other.type())
                && one.children().size() == other.children().size();
        for (int i = 0; isSame && i < one.children().size(); i++) {
            IpcField child = one.children().get(i);
            IpcField otherChild = other.children().get(i);
            isSame = Objects.equals(child.dictionary(), otherChild.dictionary()) && hasSameValues(child, otherChild);
        }
        return isSame;
    }

    /** Checks a record batch; borrowed, and so is its {@code metadata}. Throws {@link IpcException} where it does not fit its schema. */
    void verifyRecordBatch(Frame frame, MetadataReader metadata) {
        verifier.verify(recordBatch, metadata, frame.header().table(), frame);
    }

    /**
     * Checks the batch inside a dictionary batch.
     *
     * @param id of a dictionary of the schema
     * @param frame borrowed, and so is its {@code metadata}
     * @throws IpcException where it does not fit its schema
     */
    void verifyDictionaryBatch(long id, Frame frame, MetadataReader metadata) {
        BatchLayout layout = Objects.requireNonNull(dictionaries.get(id)).layout();
        verifier.verify(layout, metadata, metadata.table(frame.header().table(), 1), frame);
    }
}
