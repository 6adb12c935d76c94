package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds the messages of batches, one after the other, from buffers that stand apart. Long ones are shared: they become
 * parts of the frame. Short ones are copied after the head, as one more part of a gathering write costs more than so few
 * bytes.
 *
 * <pre>
 *   │ headroom │ prefix │ metadata │ short │ 0 ║ long buffer ║ 0 │ short │ short │ 0 ║ long buffer ║ 0 │
 *   └──────────────── one buffer ──────────────┘             └───── and its slices ────┘             └───┘
 * </pre>
 *
 * <p>Padding is zero. A shared buffer begins at a multiple of 64 in the body, any other at a multiple of 8. Where nothing is
 * shared the frame is one contiguous buffer; short frames after the first share their memory, and have no headroom.
 *
 * <p>Owns the buffers that were added until it is cleared or closed; a message that was built has references of its own.
 * Confined to one thread.
 */
public final class IpcBatchBuilder implements AutoCloseable {
    /** What to share from on, unless all is to be copied. */
    public static final int SHARED_FROM_BYTES = 4 << 10;

    /** A frame that is longer is worth a buffer of its own. */
    static final int SHORT_FRAME_BYTES = 8 << 10;

    private static final int SLAB_BYTES = 64 << 10;
    private static final int TABLES_BYTES = 256;
    private static final long NO_PREFIX = Long.MIN_VALUE;
    private static final long NOT_COMPRESSED = -1;

    private final int compressionBits;
    private final int sharedFromBytes;
    private final ByteBufAllocator allocator;

    private final BatchTable table = new BatchTable();

    /** Null in the place of one that is copied by a {@link Source}. */
    private final List<@Nullable ByteBuf> buffers = new ArrayList<>(32);

    private @Nullable Source source;
    private long[] prefixes = new long[32];
    private long bodyBytes;
    private long sharedBytes;
    private long copiedBytes;
    private boolean isUsedAgain;

    /** Short frames are written into this buffer, one after another: a buffer for each would cost more than its bytes. */
    private @Nullable ByteBuf slab;

    /** Where buffers are that are copied, and are no {@link ByteBuf}s. */
    @FunctionalInterface
    public interface Source {
        /** Appends a buffer, all its bytes, which was added as the {@code index}th of all, to {@code to}, borrowed. */
        void copy(int index, ByteBuf to);
    }

    /**
     * Creates a builder of batches.
     *
     * @param compression of those buffers that are compressed; null if none may be
     * @param sharedFromBytes a buffer of at least this length is not copied
     * @param allocator for head and copies
     */
    public IpcBatchBuilder(@Nullable IpcCompression compression, int sharedFromBytes, ByteBufAllocator allocator) {
        this.compressionBits = compression == null ? -1 : compression.codec();
        this.sharedFromBytes = sharedFromBytes;
        this.allocator = allocator;
    }

    /** Adds the next field: one per field, nested ones after their parent. */
    public void addNode(long length, long nullCount) {
        table.addNode(length, nullCount);
    }

    /** Adds how many variadic buffers the next of the fields with views has. */
    public void addVariadicCount(long count) {
        table.addVariadicCount(count);
    }

    /**
     * Adds the next buffer as it is; in a compressed batch it is marked as not compressed.
     *
     * @param bytes consumed
     */
    public void addBuffer(ByteBuf bytes) {
        add(bytes, bytes.readableBytes(), prefix(bytes.readableBytes()));
    }

    /** Returns what stands before a buffer that is not compressed. */
    private long prefix(int length) {
        return compressionBits >= 0 && length > 0 ? NOT_COMPRESSED : NO_PREFIX;
    }

    /**
     * Adds the next buffer, compressed.
     *
     * @param bytes consumed
     * @param decompressedBytes its length before, at least 1
     */
    public void addCompressed(ByteBuf bytes, long decompressedBytes) {
        add(bytes, bytes.readableBytes(), decompressedBytes);
    }

    /**
     * Adds the next buffer as {@link #addBuffer} does, to be copied when the message is built, whatever its length.
     *
     * @param length in bytes
     * @param from where it is copied from; the same for all buffers of a batch
     */
    public void addCopied(int length, Source from) {
        source = from;
        add(null, length, prefix(length));
    }

    private void add(@Nullable ByteBuf bytes, int length, long prefix) {
        int index = buffers.size();
        buffers.add(bytes);
        prefixes = index < prefixes.length ? prefixes : Arrays.copyOf(prefixes, 2 * index);
        prefixes[index] = prefix;
        boolean isShared = isShared(bytes);
        long offset = align(bodyBytes, isShared ? Frame.BODY_ALIGNMENT : 8);
        bodyBytes = offset + (prefix == NO_PREFIX ? 0 : Long.BYTES) + length;
        table.addRange(offset, bodyBytes - offset);
        sharedBytes += isShared ? length : 0;
        copiedBytes += isShared ? 0 : length;
    }

    private boolean isShared(@Nullable ByteBuf bytes) {
        return bytes != null && bytes.readableBytes() >= sharedFromBytes;
    }

    private static long align(long bytes, int alignment) {
        return bytes + (-bytes & (alignment - 1));
    }

    /** Returns how many bytes of the buffers of this batch are copied when its message is built. */
    public long copiedBytes() {
        return copiedBytes;
    }

    /**
     * Builds a record batch.
     *
     * @param rowCount at least 0
     * @param customMetadata of the message, in order
     * @return the message, owned
     * @throws IpcException {@code TOO_LARGE} where it is longer than a buffer can be
     */
    public IpcRecordBatch recordBatch(long rowCount, Map<String, String> customMetadata) {
        if (rowCount < 0) {
            throw new IllegalArgumentException("rowCount: " + rowCount + " (expected: >= 0)");
        }
        boolean hasEntries = !customMetadata.isEmpty();
        MetadataWriter metadata = newMetadata(IpcKind.RECORD_BATCH, hasEntries);
        metadata.header(table.write(metadata, rowCount, compressionBits));
        if (hasEntries) {
            metadata.entries(CustomMetadata.writeAll(metadata, customMetadata));
        }
        return new IpcRecordBatch(newFrame(metadata), rowCount);
    }

    /**
     * Builds a dictionary batch.
     *
     * @param id by which the schema refers to the dictionary
     * @param isDelta whether the values are appended to the dictionary; else they replace it
     * @param rowCount how many values there are
     * @return the message, owned
     * @throws IpcException {@code TOO_LARGE} where it is longer than a buffer can be
     */
    public IpcDictionaryBatch dictionaryBatch(long id, boolean isDelta, long rowCount) {
        MetadataWriter out = newMetadata(IpcKind.DICTIONARY_BATCH, false);
        int dictionary = out.table(24, 8, 16, 20);
        out.header(dictionary);
        out.int64(dictionary + 8, id);
        out.uint8(dictionary + 20, isDelta ? 1 : 0);
        out.point(dictionary + 16, table.write(out, rowCount, compressionBits));
        Frame frame = newFrame(out);
        return new IpcDictionaryBatch(frame, frame.reader());
    }

    private MetadataWriter newMetadata(IpcKind kind, boolean hasEntries) {
        int expectedBytes = TABLES_BYTES + table.vectorBytes();
        return new MetadataWriter(kind, MessageHeader.V5, align(bodyBytes, 8), hasEntries, expectedBytes);
    }

    private Frame newFrame(MetadataWriter metadata) {
        long body = align(bodyBytes, 8);
        long headBytes = IpcMessage.PREFIX_BYTES + (long) metadata.finish();
        long frameBytes = Frame.HEADROOM_BYTES + Frame.BODY_ALIGNMENT + headBytes + body;
        IpcException.requireAtMost("bytes of a message", frameBytes, Integer.MAX_VALUE, null);
        boolean isShort = isUsedAgain && headBytes + body <= SHORT_FRAME_BYTES;
        ByteBuf head = isShort && sharedBytes == 0
                ? Frame.withHead(newShort((int) headBytes, (int) body), metadata)
                : Frame.newHead(metadata, Frame.HEADROOM_BYTES, (int) (body - sharedBytes), allocator);
        int start = head.readerIndex();
        return new Frame(withBody(head).readerIndex(start), metadata.newHeader(0), start);
    }

    /** Returns room for a short frame, its body on a 64-byte boundary; empty, owned. */
    private ByteBuf newShort(int headBytes, int bodyBytes) {
        ByteBuf present = slab;
        if (present == null || present.writableBytes() < Frame.capacity(0, headBytes, bodyBytes)) {
            dropSlab();
            present = allocator.directBuffer(SLAB_BYTES, SLAB_BYTES);
            slab = present;
        }
        int start = Frame.alignedStart(present, present.writerIndex(), headBytes);
        ByteBuf room = present.slice(start, headBytes + bodyBytes).clear();
        present.writerIndex(start + headBytes + bodyBytes).retain();
        return room;
    }

    private void dropSlab() {
        ByteBuf full = slab;
        slab = null;
        ReferenceCountUtil.release(full);
    }

    /**
     * Appends the body to the head or, where some of it is shared, puts long buffers between slices of the head, which has
     * the short ones; {@code head} is consumed, whatever is thrown.
     */
    private ByteBuf withBody(ByteBuf head) {
        CompositeByteBuf parts = null;
        try {
            int sliced = 0;
            long written = 0;
            for (int i = 0; i < buffers.size(); i++) {
                ByteBuf bytes = buffers.get(i);
                writeZero((int) (table.offset(i) - written), head); // padding
                if (prefixes[i] != NO_PREFIX) {
                    head.writeLongLE(prefixes[i]);
                }
                if (bytes == null) {
                    copy(i, head);
                } else if (isShared(bytes)) {
                    parts = parts == null ? allocator.compositeDirectBuffer(Integer.MAX_VALUE) : parts;
                    addSlice(parts, head, sliced);
                    parts.addComponent(true, bytes.retain());
                    sliced = head.writerIndex();
                } else {
                    head.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
                }
                written = table.offset(i) + table.bytes(i);
            }
            writeZero((int) (align(written, 8) - written), head);
            if (parts == null) {
                return head.retain();
            }
            addSlice(parts, head, sliced);
            return parts;
        } catch (Throwable e) {
            ReferenceCountUtil.release(parts);
            throw e;
        } finally {
            head.release();
        }
    }

    private static void writeZero(int bytes, ByteBuf to) {
        if (bytes > 0) { // which it mostly is not
            to.writeZero(bytes);
        }
    }

    private void copy(int buffer, ByteBuf to) {
        if (table.bytes(buffer) > 0) {
            Objects.requireNonNull(source).copy(buffer, to);
        }
    }

    /**
     * Adds what the head has from an index on, if anything: parts remember where they stand, so that it need not be
     * sliced.
     */
    private static void addSlice(CompositeByteBuf parts, ByteBuf head, int from) {
        if (from < head.writerIndex()) {
            parts.addComponent(true, head.readerIndex(from).retain());
        }
    }

    /** Releases the buffers that were added: the next ones are of another batch. */
    public void clear() {
        for (ByteBuf bytes : buffers) {
            if (bytes != null) {
                bytes.release();
            }
        }
        buffers.clear();
        table.clear();
        bodyBytes = 0;
        sharedBytes = 0;
        copiedBytes = 0;
        isUsedAgain = true;
    }

    /** Releases the buffers that were added, and memory for frames to come. */
    @Override
    public void close() {
        clear();
        dropSlab();
    }
}
