package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The messages of one stream cut to some of its columns. Immutable. */
final class SelectedStream {
    private final IpcSelection selection;
    private final boolean isAll;
    private final Set<Long> skippedDictionaries;

    /**
     * Selects.
     *
     * @param schema of the whole stream; borrowed
     * @throws IllegalArgumentException where the selection is one of another schema
     */
    SelectedStream(IpcSchema schema, ColumnSelection columns) {
        this.selection = columns.select(schema);
        requireFields(schema.fields());
        int fields = schema.fields().size();
        this.isAll = selection.isAll() && selection.fields().size() == fields; // else cut refuses it: of another schema
        this.skippedDictionaries = new HashSet<>(schema.dictionaryIds());
        skippedDictionaries.removeAll(selection.dictionaryIds());
    }

    private void requireFields(List<IpcField> fields) {
        for (int i = 0; i < selection.indices().size(); i++) {
            int index = selection.indices().get(i);
            IpcField wanted = selection.fields().get(i);
            if (index >= fields.size() || !fields.get(index).equals(wanted)) {
                throw new IllegalArgumentException("selected field " + index + ": "
                        + ArrowSchema.excerpt(wanted.toString()) + " (expected: one of the stream's schema)");
            }
        }
    }

    /** Returns the schema of the selected columns, owned; {@code schema} is consumed. */
    IpcSchema cut(IpcSchema schema) {
        return isAll ? schema : selection.select(schema, ByteBufAllocator.DEFAULT);
    }

    /**
     * Returns the selected columns of a batch, owned, which share its body.
     *
     * @param batch consumed, whatever is thrown
     * @throws io.bowstring.codec.IpcException {@code MALFORMED} where it is not of the schema
     */
    IpcRecordBatch cut(IpcRecordBatch batch) {
        return isAll ? batch : selection.select(batch, ByteBufAllocator.DEFAULT);
    }

    /** Returns whether a dictionary, borrowed, is one of the schema that no selected column refers to. */
    boolean isSkipped(IpcDictionaryBatch dictionary) {
        return skippedDictionaries.contains(dictionary.id());
    }
}
