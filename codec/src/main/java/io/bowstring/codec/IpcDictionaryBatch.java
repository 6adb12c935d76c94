package io.bowstring.codec;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The values of one dictionary: all of them, or such as are appended to what came before. See {@link IpcMessage} for
 * ownership and threads.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#dictionary-messages">Arrow: dictionary messages</a>
 */
public final class IpcDictionaryBatch extends IpcMessage {
    private final long id;
    private final boolean isDelta;

    /** Takes over the reference that {@code frame} owns, unless it throws; {@code metadata}, its metadata, is borrowed. */
    IpcDictionaryBatch(Frame frame, MetadataReader metadata) {
        super(frame);
        this.id = metadata.int64(frame.header().table(), 0);
        this.isDelta = metadata.uint8(frame.header().table(), 2) != 0;
        if (metadata.table(frame.header().table(), 1) == 0) {
            throw IpcException.malformed("data of dictionary " + id, "absent", "a RecordBatch");
        }
    }

    /** Takes over the reference that {@code frame} owns, of what has been read before. */
    private IpcDictionaryBatch(Frame frame, long id, boolean isDelta) {
        super(frame);
        this.id = id;
        this.isDelta = isDelta;
    }

    /**
     * Writes a batch that sets a dictionary to no values.
     *
     * @param field one that is encoded with the dictionary
     * @return the message, owned
     * @throws IpcException {@code MALFORMED} where the parameters or children of the values' type cannot be
     */
    public static IpcDictionaryBatch empty(long id, IpcField field, ByteBufAllocator allocator) {
        BatchLayout layout = BatchLayout.ofDictionary(field);
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, allocator)) {
            for (int i = 0; i < layout.nodes().length; i++) {
                batch.addNode(0, 0);
            }
            for (BatchLayout.Buffer buffer : layout.buffers()) {
                switch (buffer.rule()) {
                    case VARIADIC -> batch.addVariadicCount(0);
                    case VALIDITY_V4 -> {}
                    default -> batch.addBuffer(Unpooled.EMPTY_BUFFER);
                }
            }
            return batch.dictionaryBatch(id, false, 0);
        }
    }

    /** Returns the id by which the stream's schema refers to the dictionary. */
    public long id() {
        return id;
    }

    /** Returns whether the values are appended to the dictionary; else they replace it. */
    public boolean isDelta() {
        return isDelta;
    }

    /** Returns what the metadata says of the body, which holds the values; borrowed. */
    public IpcBatchMetadata batchMetadata() {
        MetadataReader in = bytes().reader();
        return new IpcBatchMetadata(bytes(), in, in.table(bytes().header().table(), 1));
    }

    /**
     * Changes the dictionary id by re-rooting. The values keep their bytes.
     *
     * @param allocator for the copy of a message that shares its buffer
     * @return the changed message, owned; this message is consumed
     */
    public IpcDictionaryBatch withId(long newId, ByteBufAllocator allocator) {
        Frame frame = RootTables.prepend(bytes(), root -> root.setDictionaryId(newId), allocator);
        return new IpcDictionaryBatch(frame, newId, isDelta);
    }

    /**
     * Changes the {@code custom_metadata} of this message as {@link IpcRecordBatch#editedApart} does: the values are shared.
     *
     * @param onFree runs once when the memory of the copy is free, by whichever thread; must not throw, and does not run
     *     where this method throws
     * @param allocator for the copy
     * @return the changed message, of two parts, owned; this message is consumed
     */
    public IpcDictionaryBatch editedApart(IpcMetadataEdit edit, Runnable onFree, ByteBufAllocator allocator) {
        return new IpcDictionaryBatch(RootTables.editedApart(bytes(), edit, onFree, allocator), id, isDelta);
    }

    /**
     * Returns this message in memory that is watched: {@code onFree} runs once when the last reference to it is dropped,
     * those of its frame, its body and all slices included. The bytes stay where they are, unless the message is not in one
     * direct buffer.
     *
     * @param onFree by whichever thread; must not throw, and does not run where this method throws
     * @param allocator for a copy
     * @return the same message, owned; this message is consumed
     */
    public IpcDictionaryBatch watched(Runnable onFree, ByteBufAllocator allocator) {
        return new IpcDictionaryBatch(bytes().watched(onFree, allocator), id, isDelta);
    }

    @Override
    public IpcDictionaryBatch toKeep(ByteBufAllocator allocator) {
        Frame kept = bytes().toKeep(allocator);
        return kept == bytes() ? this : new IpcDictionaryBatch(kept, id, isDelta);
    }

    @Override
    public IpcDictionaryBatch retain() {
        super.retain();
        return this;
    }
}
