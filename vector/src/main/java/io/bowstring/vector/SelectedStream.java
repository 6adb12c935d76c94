package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
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
     */
    SelectedStream(IpcSchema schema, ColumnSelection columns) {
        this.selection = columns.select(schema);
        this.isAll = selection.isAll();
        this.skippedDictionaries = new HashSet<>(schema.dictionaryIds());
        skippedDictionaries.removeAll(selection.dictionaryIds());
    }

    /**
     * Returns the schema of the selected columns, owned. It is the first to be cut.
     *
     * @param schema consumed, whatever is thrown
     * @throws IllegalArgumentException where the selection is one of another schema
     */
    IpcSchema cut(IpcSchema schema) {
        return selection.select(schema, ByteBufAllocator.DEFAULT);
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
