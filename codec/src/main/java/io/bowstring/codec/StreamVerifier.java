package io.bowstring.codec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks the batches of one stream against its schema. Confined to one decoder. */
final class StreamVerifier {
    private final BatchLayout recordBatch;
    private final Map<Long, BatchLayout> dictionaries = new HashMap<>();
    private final BatchVerifier verifier;

    /**
     * Compiles what the batches of a stream must look like.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    StreamVerifier(List<IpcField> fields, IpcLimits limits) {
        this.recordBatch = BatchLayout.ofFields(fields);
        this.verifier = new BatchVerifier(limits);
        addDictionaries(fields);
    }

    private void addDictionaries(List<IpcField> fields) {
        for (IpcField field : fields) {
            IpcDictionaryEncoding dictionary = field.dictionary();
            if (dictionary != null) {
                dictionaries.putIfAbsent(dictionary.id(), BatchLayout.ofDictionary(field));
            }
            addDictionaries(field.children());
        }
    }

    /** Checks a batch, which is borrowed; throws {@link IpcException} where it does not fit its schema. */
    void verify(Frame frame) {
        MetadataReader in = frame.reader();
        MessageHeader header = frame.header();
        if (header.kind() == IpcKind.RECORD_BATCH) {
            verifier.verify(recordBatch, in, header.table(), header.version(), frame.body());
            return;
        }
        BatchLayout layout = dictionaries.get(in.int64(header.table(), 0));
        if (layout == null) {
            throw IpcException.malformed("dictionary id", in.int64(header.table(), 0), "an id in the schema");
        }
        verifier.verify(layout, in, in.table(header.table(), 1), header.version(), frame.body());
    }
}
