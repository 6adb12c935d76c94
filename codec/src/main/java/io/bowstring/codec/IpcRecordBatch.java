package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A record batch: rows of the stream's schema. See {@link IpcMessage} for ownership and threads.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#recordbatch-message">Arrow: RecordBatch message</a>
 */
public final class IpcRecordBatch extends IpcMessage {
    private final long rowCount;

    /** Takes over the reference that {@code frame} owns, unless it throws; {@code metadata}, its metadata, is borrowed. */
    IpcRecordBatch(Frame frame, MetadataReader metadata) {
        super(frame);
        this.rowCount = metadata.int64(frame.header().table(), 0);
        if (rowCount < 0) {
            throw IpcException.malformed("length of a record batch", rowCount, ">= 0");
        }
    }

    /** Takes over the reference that {@code frame} owns. */
    IpcRecordBatch(Frame frame, long rowCount) {
        super(frame);
        this.rowCount = rowCount;
    }

    /**
     * Returns the batch that a frame is. For frames that a decoder has taken: all is believed that it has checked.
     *
     * @param frame from the continuation marker to the end of the body; consumed
     */
    public static IpcRecordBatch of(ByteBuf frame) {
        try {
            int metadataBytes = frame.getIntLE(frame.readerIndex() + Integer.BYTES);
            MetadataReader metadata =
                    new MetadataReader(frame, frame.readerIndex() + IpcMessage.PREFIX_BYTES, metadataBytes);
            return new IpcRecordBatch(new Frame(frame, MessageHeader.read(metadata, Integer.MAX_VALUE), 0), metadata);
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
    }

    /** Returns how many rows the peer says that the batch has; never negative in a batch from a decoder. */
    public long rowCount() {
        return rowCount;
    }

    /**
     * Returns the beginning of a buffer of an uncompressed batch.
     *
     * @param index of the buffer among all buffers of the batch
     * @param length bytes that are wanted
     * @return exactly that many bytes; borrowed, a new view
     * @throws IpcException {@code MALFORMED} where the batch has no such buffer, it is shorter, or it is not in the body
     */
    public ByteBuf buffer(int index, int length) {
        IpcBatchMetadata metadata = batchMetadata();
        if (index >= metadata.bufferCount()) {
            throw IpcException.malformed("buffers", metadata.bufferCount(), "more than " + index);
        }
        long offset = metadata.bufferOffset(index);
        long available = metadata.bufferBytes(index);
        ByteBuf body = body();
        if (offset < 0 || length > available || offset > body.readableBytes() - (long) length) {
            String is = "offset " + offset + ", " + available + " bytes";
            throw IpcException.malformed("buffer " + index, is, length + " bytes inside the body");
        }
        return body.slice((int) offset, length);
    }

    /** Returns what the metadata says of the body; borrowed. */
    public IpcBatchMetadata batchMetadata() {
        return new IpcBatchMetadata(bytes(), bytes().reader(), bytes().header().table());
    }

    /**
     * Changes the {@code custom_metadata} of this message by re-rooting. The body keeps its bytes; where the decoder
     * gave the message a buffer of its own and nobody else holds it, nothing but the new root is written.
     *
     * @param allocator for the copy of a message that shares its buffer
     * @return the changed message, owned; this message is consumed
     */
    public IpcRecordBatch edited(IpcMetadataEdit edit, ByteBufAllocator allocator) {
        return new IpcRecordBatch(RootTables.edited(bytes(), edit, allocator), rowCount);
    }

    /**
     * Changes the {@code custom_metadata} of this message as {@link #edited} does, but by a copy of its head alone, whoever
     * else holds it: the body is shared.
     *
     * @param onFree runs once when the memory of the copy is free, by whichever thread; must not throw, and does not run
     *     where this method throws
     * @param allocator for the copy
     * @return the changed message, of two parts, owned; this message is consumed
     */
    public IpcRecordBatch editedApart(IpcMetadataEdit edit, Runnable onFree, ByteBufAllocator allocator) {
        return new IpcRecordBatch(RootTables.editedApart(bytes(), edit, onFree, allocator), rowCount);
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
    public IpcRecordBatch watched(Runnable onFree, ByteBufAllocator allocator) {
        return new IpcRecordBatch(bytes().watched(onFree, allocator), rowCount);
    }

    @Override
    public IpcRecordBatch toKeep(ByteBufAllocator allocator) {
        Frame kept = bytes().toKeep(allocator);
        return kept == bytes() ? this : new IpcRecordBatch(kept, rowCount);
    }

    @Override
    public IpcRecordBatch retain() {
        super.retain();
        return this;
    }
}
