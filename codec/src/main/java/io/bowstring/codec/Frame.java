package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The buffer of one message and where its parts stand. The bytes between the reader and the writer index are the whole
 * message; in front of them there may be headroom that belongs to this message alone, into which new root tables are
 * written in place.
 *
 * <pre>
 *   │ headroom │ FF FF FF FF │ metadata bytes: i32 │ metadata │ body │
 *              └ readerIndex                       └ +8               └ writerIndex
 * </pre>
 *
 * <p>Owns one reference to the buffer. Confined to the thread that holds the message.
 */
final class Frame {
    /** Room for the new root tables of a record batch with as many entries as the default limits allow. */
    static final int HEADROOM_BYTES = 512;

    /** What Arrow recommends for buffers, so that vector instructions may load from them. */
    static final int BODY_ALIGNMENT = 64;

    private final ByteBuf buffer;
    private final MessageHeader header;
    private final int metadataBytes;
    private final int headroomBytes;

    /** Takes over the reference to {@code buffer}. */
    Frame(ByteBuf buffer, MessageHeader header, int metadataBytes, int headroomBytes) {
        this.buffer = buffer;
        this.header = header;
        this.metadataBytes = metadataBytes;
        this.headroomBytes = headroomBytes;
    }

    /** Wraps a frame that this codec has written itself; takes over the reference to {@code buffer}. */
    static Frame ofOwn(ByteBuf buffer) {
        int metadataBytes = buffer.getIntLE(buffer.readerIndex() + 4);
        int metadata = buffer.readerIndex() + IpcMessage.PREFIX_BYTES;
        MetadataReader reader = new MetadataReader(buffer, metadata, metadataBytes);
        return new Frame(buffer, MessageHeader.read(reader, IpcLimits.UNLIMITED), metadataBytes, 0);
    }

    /**
     * Allocates a buffer for a frame whose head (prefix and metadata) is {@code headBytes} long, so that the body stands
     * on a 64-byte boundary. Owned; reader and writer index stand where the frame begins.
     */
    static ByteBuf allocate(ByteBufAllocator allocator, int headroomBytes, int headBytes, int bodyBytes) {
        int capacity = headroomBytes + BODY_ALIGNMENT + headBytes + bodyBytes;
        ByteBuf buffer = allocator.directBuffer(capacity, capacity);
        int start = headroomBytes;
        if (buffer.hasMemoryAddress()) {
            start += (int) -(buffer.memoryAddress() + start + headBytes) & (BODY_ALIGNMENT - 1);
        }
        return buffer.setIndex(start, start);
    }

    ByteBuf buffer() {
        return buffer;
    }

    MessageHeader header() {
        return header;
    }

    int metadataBytes() {
        return metadataBytes;
    }

    ByteBuf metadata() {
        return buffer.slice(metadataIndex(), metadataBytes);
    }

    ByteBuf body() {
        int body = metadataIndex() + metadataBytes;
        return buffer.slice(body, buffer.writerIndex() - body);
    }

    /** Returns bounds-checked access to the metadata; borrowed. */
    MetadataReader reader() {
        return new MetadataReader(buffer, metadataIndex(), metadataBytes);
    }

    /**
     * Puts {@code root}, new root tables that point forward into the present metadata, in front of it. In place where
     * there is headroom and nobody else holds the buffer, else by a copy of the frame.
     *
     * @param root new tables, a multiple of 8 bytes; borrowed
     * @return the buffer of the new frame, owned: the reference of this frame is consumed
     */
    ByteBuf prepend(ByteBuf root, ByteBufAllocator allocator) {
        int rootBytes = root.readableBytes();
        int start = buffer.readerIndex() - rootBytes;
        if (rootBytes <= headroomBytes && buffer.refCnt() == 1) {
            writeHead(buffer, start, root);
            return buffer.readerIndex(start);
        }
        try {
            ByteBuf oldBytes = buffer.duplicate().skipBytes(IpcMessage.PREFIX_BYTES);
            int headBytes = IpcMessage.PREFIX_BYTES + rootBytes + metadataBytes;
            ByteBuf copy = allocate(allocator, 0, headBytes, oldBytes.readableBytes() - metadataBytes);
            int copyStart = copy.readerIndex();
            writeHead(copy, copyStart, root);
            return copy.writerIndex(copyStart + IpcMessage.PREFIX_BYTES + rootBytes)
                    .writeBytes(oldBytes);
        } finally {
            buffer.release();
        }
    }

    private void writeHead(ByteBuf target, int start, ByteBuf root) {
        target.setIntLE(start, IpcMessage.CONTINUATION);
        target.setIntLE(start + 4, root.readableBytes() + metadataBytes);
        target.setBytes(start + IpcMessage.PREFIX_BYTES, root, root.readerIndex(), root.readableBytes());
    }

    private int metadataIndex() {
        return buffer.readerIndex() + IpcMessage.PREFIX_BYTES;
    }
}
