package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The buffer of one message and where its parts stand. The bytes between the reader and the writer index are the whole
 * message; before them there may be headroom that belongs to this message alone, into which new root tables are
 * written in place.
 *
 * <pre>
 *   │ headroom │ FF FF FF FF │ metadata bytes: i32 │ metadata │ body │
 *              └ readerIndex                       └ +8               └ writerIndex
 * </pre>
 *
 * <p>A frame from before Arrow 0.15 has no continuation marker and a metadata length that leaves 4 when it is divided by
 * 8. All frames that are written here have both.
 *
 * <p>A frame that was {@linkplain #of made} of a body that stands apart is a composite buffer of two parts: head and body.
 *
 * <p>Owns one reference to the buffer. Confined to the thread that holds the message.
 */
final class Frame {
    /** Room for the new root tables of a record batch with as many entries as the default limits allow. */
    static final int HEADROOM_BYTES = 512;

    /** What a frame may pin beyond twice its length when it is kept: headroom and alignment are within it. */
    private static final int KEPT_SLACK_BYTES = 1 << 10;

    /** What Arrow recommends for buffers, so that vector instructions may load from them. */
    static final int BODY_ALIGNMENT = 64;

    private final ByteBuf buffer;
    private final MessageHeader header;
    private final int prefixBytes;
    private final int headroomBytes;

    /** Takes over the reference to {@code buffer}. */
    Frame(ByteBuf buffer, MessageHeader header, int headroomBytes) {
        this.buffer = buffer;
        this.header = header;
        this.prefixBytes = Math.min(header.prefixBytes(), buffer.readableBytes()); // the end of an old stream has less
        this.headroomBytes = headroomBytes;
    }

    /**
     * Makes a frame of metadata and a body that stand apart.
     *
     * @param metadata not empty; borrowed, copied and padded
     * @param body borrowed
     * @param isCopied whether the body is copied, so that all is in one buffer; else the frame takes a reference to the body,
     *     which must not be empty
     * @return the frame, owned
     */
    static Frame of(
            ByteBuf metadata, ByteBuf body, boolean isCopied, MessageHeader header, ByteBufAllocator allocator) {
        int metadataBytes = padded(metadata.readableBytes());
        int headBytes = IpcMessage.PREFIX_BYTES + metadataBytes;
        int copiedBytes = isCopied ? body.readableBytes() : 0;
        ByteBuf fresh = isCopied
                ? allocate(allocator, HEADROOM_BYTES, headBytes, copiedBytes)
                : allocator.directBuffer(HEADROOM_BYTES + headBytes).setIndex(HEADROOM_BYTES, HEADROOM_BYTES);
        ByteBuf head = filled(fresh, to -> {
            writeMetadata(metadata, metadata.readerIndex(), metadata.readableBytes(), writePrefix(metadataBytes, to));
            to.writeBytes(body, body.readerIndex(), copiedBytes);
        });
        int start = head.readerIndex();
        ByteBuf whole =
                isCopied ? head : joined(head.readerIndex(0), body, allocator).readerIndex(start);
        return new Frame(whole, header.withMetadataBytes(metadataBytes), start);
    }

    /** Returns a new buffer, owned, after {@code write} has appended to it; it is released where that throws. */
    static <B extends ByteBuf> B filled(B fresh, Consumer<? super B> write) {
        try {
            write.accept(fresh);
            return fresh;
        } catch (Throwable e) { // the heap is exhausted, mostly
            fresh.release();
            throw e;
        }
    }

    /** Returns a buffer of two parts, owned: the head, which is consumed, and a reference to the body, which is borrowed. */
    private static ByteBuf joined(ByteBuf head, ByteBuf body, ByteBufAllocator allocator) {
        try {
            return filled(
                    allocator.compositeDirectBuffer(2),
                    parts -> parts.addComponent(true, head.retain()).addComponent(true, body.retainedSlice()));
        } finally {
            head.release();
        }
    }

    /** Returns how long the buffer is that {@link #allocate} allocates. */
    static int capacity(int headroomBytes, int headBytes, int bodyBytes) {
        return headroomBytes + BODY_ALIGNMENT + headBytes + bodyBytes;
    }

    /**
     * Allocates a buffer for a frame whose head (prefix and metadata) is {@code headBytes} long, so that the body stands
     * on a 64-byte boundary. Owned; reader and writer index stand where the frame begins.
     */
    static ByteBuf allocate(ByteBufAllocator allocator, int headroomBytes, int headBytes, int bodyBytes) {
        int capacity = capacity(headroomBytes, headBytes, bodyBytes);
        ByteBuf buffer = allocator.directBuffer(capacity, capacity);
        int start = alignedStart(buffer, headroomBytes, headBytes);
        return buffer.setIndex(start, start);
    }

    /** Returns the first index from one on where a frame may begin so that its body stands on a 64-byte boundary. */
    static int alignedStart(ByteBuf buffer, int from, int headBytes) {
        long address = buffer.hasMemoryAddress() ? buffer.memoryAddress() + from : -headBytes;
        return from + (int) (-(address + headBytes) & (BODY_ALIGNMENT - 1));
    }

    /**
     * Allocates a buffer as {@link #allocate} does, with prefix and metadata written to it.
     *
     * @param metadata finished
     * @param bodyBytes how much will be appended; owned
     */
    static ByteBuf newHead(MetadataWriter metadata, int headroomBytes, int bodyBytes, ByteBufAllocator allocator) {
        int headBytes = IpcMessage.PREFIX_BYTES + metadata.bytes();
        return withHead(allocate(allocator, headroomBytes, headBytes, bodyBytes), metadata);
    }

    /** Returns a new buffer, consumed and owned, with prefix and metadata, which is finished, appended. */
    static ByteBuf withHead(ByteBuf fresh, MetadataWriter metadata) {
        return filled(fresh, to -> metadata.writeTo(writePrefix(metadata.bytes(), to)));
    }

    ByteBuf buffer() {
        return buffer;
    }

    MessageHeader header() {
        return header;
    }

    /** Returns how many bytes before the frame belong to it. */
    int headroomBytes() {
        return headroomBytes;
    }

    /** Returns how long prefix and metadata are. */
    int headBytes() {
        return prefixBytes + header.metadataBytes();
    }

    int bodyBytes() {
        return buffer.readableBytes() - headBytes();
    }

    /** Returns the metadata; borrowed, a new view whose count is that of the frame. */
    ByteBuf metadata() {
        return buffer.slice(metadataIndex(), header.metadataBytes());
    }

    /**
     * Returns the body; borrowed, a new view whose count is that of the frame. It is so for a body that is a part by itself
     * too: what a composite buffer says of its parts is one view for all, and has the count of the part.
     */
    ByteBuf body() {
        return buffer.slice(bodyIndex(), bodyBytes());
    }

    /**
     * Returns this frame as one whose new root tables will say V5, where that makes no difference to its layout: Arrow C++
     * reads no V4 batch with {@code custom_metadata}. Takes over the reference.
     *
     * @param metadata of this frame; borrowed
     */
    Frame likeV5(MetadataReader metadata) {
        boolean isCompressed =
                CustomMetadata.read(metadata, header.entries()).containsKey(CustomMetadata.COMPRESSION_OF_V4);
        return isCompressed ? this : withHeader(header.likeV5());
    }

    /** Returns this frame with a header that says the same of it; takes over the reference. */
    Frame withHeader(MessageHeader other) {
        return new Frame(buffer, other, headroomBytes);
    }

    /** Reads 8 bytes of the body, little-endian, from an offset that is inside it. */
    long bodyInt64(int offset) {
        return buffer.getLongLE(bodyIndex() + offset);
    }

    /** Returns bounds-checked access to a copy of the metadata. */
    MetadataReader reader() {
        return readBy(new MetadataReader());
    }

    /** Returns {@code reader} with a copy of the metadata. */
    MetadataReader readBy(MetadataReader reader) {
        return reader.load(buffer, metadataIndex(), header.metadataBytes());
    }

    /**
     * Puts {@code root}, new root tables that point forward into the present metadata, before it. In place where
     * there is headroom and nobody else holds the buffer, else by a copy of the frame.
     *
     * @param root finished
     * @return owned: the reference of this frame is consumed, unless this throws
     */
    Frame prepend(MetadataWriter root, ByteBufAllocator allocator) {
        int rootBytes = root.bytes();
        int start = buffer.readerIndex() - rootBytes;
        int metadataBytes = header.metadataBytes();
        boolean isPadded = metadataBytes == padded(metadataBytes); // else the body would have to move
        if (rootBytes <= headroomBytes && buffer.refCnt() == 1 && isPadded) {
            int end = buffer.writerIndex();
            root.writeTo(writePrefix(rootBytes + metadataBytes, buffer.setIndex(start, start)));
            return rooted(root, buffer.writerIndex(end));
        }
        ByteBuf copy = filled(allocate(allocator, 0, headBytes(root), bodyBytes()), to -> write(root, to));
        Frame rooted = rooted(root, copy);
        buffer.release();
        return rooted;
    }

    /**
     * Puts {@code root} before a copy of the metadata, and both before the same body.
     *
     * @param root finished
     * @param onFree runs once when the memory of the copy is free, by whichever thread; must not throw, and does not run
     *     where this method throws
     * @return a frame of two parts, owned: the reference of this frame is consumed, unless this throws
     */
    Frame prependApart(MetadataWriter root, Runnable onFree, ByteBufAllocator allocator) {
        int headBytes = headBytes(root);
        ByteBuf bytes = filled(allocator.directBuffer(headBytes, headBytes), to -> writeHead(root, to));
        ForeignBuffer head = ForeignBuffer.over(bytes, () -> {});
        Frame rooted = rooted(root, joined(head, body(), allocator));
        head.onFree(onFree); // now that nothing can fail any more
        buffer.release();
        return rooted;
    }

    /** Returns how long the head is with {@code root} before the metadata. */
    private int headBytes(MetadataWriter root) {
        return IpcMessage.PREFIX_BYTES + root.bytes() + padded(header.metadataBytes());
    }

    private void write(MetadataWriter root, ByteBuf to) {
        writeHead(root, to);
        to.writeBytes(buffer, bodyIndex(), bodyBytes());
    }

    private void writeHead(MetadataWriter root, ByteBuf to) {
        writeRoot(root, to);
        writeMetadata(buffer, metadataIndex(), header.metadataBytes(), to);
    }

    /** Writes what comes before the metadata to a buffer, borrowed. */
    void writeRoot(MetadataWriter root, ByteBuf to) {
        root.writeTo(writePrefix(root.bytes() + padded(header.metadataBytes()), to));
    }

    /** Returns the frame in {@code edited}, which is this one with new root tables; takes over the reference to it. */
    private Frame rooted(MetadataWriter root, ByteBuf edited) {
        return new Frame(edited, root.newHeader(padded(header.metadataBytes())), 0);
    }

    private static ByteBuf writePrefix(int metadataBytes, ByteBuf to) {
        return to.writeIntLE(IpcMessage.CONTINUATION).writeIntLE(metadataBytes);
    }

    private static void writeMetadata(ByteBuf metadata, int index, int bytes, ByteBuf to) {
        to.writeBytes(metadata, index, bytes).writeZero(padded(bytes) - bytes);
    }

    /** Returns how much memory cannot be freed while {@code view}, borrowed, lives: all of the buffers that it has parts of. */
    static int pinnedBytes(ByteBuf view) {
        ByteBuf root = root(view);
        if (!(root instanceof CompositeByteBuf)) {
            return root.capacity();
        }
        Set<ByteBuf> roots = Collections.newSetFromMap(new IdentityHashMap<>()); // parts may share one
        addRoots(root, roots);
        long bytes = roots.stream().mapToLong(ByteBuf::capacity).sum();
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    private static void addRoots(ByteBuf root, Set<ByteBuf> roots) {
        if (!(root instanceof CompositeByteBuf parts)) {
            roots.add(root);
            return;
        }
        for (int i = 0; i < parts.numComponents(); i++) {
            addRoots(root(parts.internalComponent(i)), roots);
        }
    }

    private static ByteBuf root(ByteBuf view) {
        ByteBuf root = view;
        for (ByteBuf next = view; next != null; next = next.unwrap()) {
            root = next;
        }
        ByteBuf memory = root instanceof ForeignBuffer foreign ? foreign.memory() : null;
        return memory == null ? root : root(memory);
    }

    /** Returns this frame, or a copy that pins little more than its length, owned: this one's reference is consumed. */
    Frame toKeep(ByteBufAllocator allocator) {
        int bytes = buffer.readableBytes();
        return pinnedBytes(buffer) <= 2L * bytes + KEPT_SLACK_BYTES ? this : copied(allocator);
    }

    /**
     * Returns this frame in a buffer that tells when its memory is free; a copy where it is not in one direct buffer.
     *
     * @param onFree runs once, by whichever thread; must not throw
     * @return owned: this one's reference is consumed
     */
    Frame watched(Runnable onFree, ByteBufAllocator allocator) {
        boolean isPlain = buffer.isDirect() && buffer.nioBufferCount() == 1 && !buffer.isReadOnly();
        Frame whole = isPlain ? this : copied(allocator);
        return new Frame(ForeignBuffer.over(whole.buffer, onFree), header, 0);
    }

    /** Returns a copy with its body on a 64-byte boundary, owned: this one's reference is consumed. */
    private Frame copied(ByteBufAllocator allocator) {
        try {
            ByteBuf copy = allocate(allocator, 0, headBytes(), bodyBytes());
            return new Frame(filled(copy, to -> to.writeBytes(buffer.duplicate())), header, 0);
        } finally {
            buffer.release();
        }
    }

    private static int padded(int bytes) {
        return (bytes + 7) & -8;
    }

    private int metadataIndex() {
        return buffer.readerIndex() + prefixBytes;
    }

    private int bodyIndex() {
        return buffer.readerIndex() + headBytes();
    }
}
