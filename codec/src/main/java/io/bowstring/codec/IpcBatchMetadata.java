package io.bowstring.codec;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata of a record batch, or of the batch inside a dictionary batch, says of the body: how long each field is
 * and where each buffer lies. These are claims: {@link IpcBatchVerifier} holds them against a schema.
 *
 * <p>Borrowed from the message, valid while that lives. Confined to the thread that holds the message.
 *
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Message.fbs">Message.fbs</a>
 */
public final class IpcBatchMetadata {
    private static final int STRUCT_BYTES = 2 * Long.BYTES;

    private final Frame frame;
    private final MetadataReader in;
    private final int table;
    private final int nodes;
    private final int nodeCount;
    private final int buffers;
    private final int bufferCount;
    private final int variadicCounts;

    /** Reads the {@code RecordBatch} at {@code table} in the metadata of {@code frame}; both are borrowed. */
    IpcBatchMetadata(Frame frame, MetadataReader in, int table) {
        this.frame = frame;
        this.in = in;
        this.table = table;
        this.nodes = in.vector(table, 1, STRUCT_BYTES);
        this.nodeCount = in.count(nodes);
        this.buffers = in.vector(table, 2, STRUCT_BYTES);
        this.bufferCount = in.count(buffers);
        this.variadicCounts = in.vector(table, 4, Long.BYTES);
    }

    /** Returns how many rows the batch has, or how many values the dictionary. */
    public long rowCount() {
        return in.int64(table, 0);
    }

    /** Returns how many fields the batch has, nested ones included. */
    public int nodeCount() {
        return nodeCount;
    }

    /** Returns how many values a field has. Nested fields are counted after their parent. */
    public long length(int node) {
        return in.int64At(nodes, 2 * Objects.checkIndex(node, nodeCount));
    }

    /** Returns how many nulls a field has. */
    public long nullCount(int node) {
        return in.int64At(nodes, 2 * Objects.checkIndex(node, nodeCount) + 1);
    }

    /** Returns how many buffers the batch has. */
    public int bufferCount() {
        return bufferCount;
    }

    /** Returns where in the body a buffer begins, in bytes. */
    public long bufferOffset(int buffer) {
        return in.int64At(buffers, 2 * Objects.checkIndex(buffer, bufferCount));
    }

    /** Returns how long a buffer is in the body, in bytes. */
    public long bufferBytes(int buffer) {
        return in.int64At(buffers, 2 * Objects.checkIndex(buffer, bufferCount) + 1);
    }

    /**
     * Returns how long a buffer is in the body, in bytes.
     *
     * @throws IpcException {@code MALFORMED} where it is not inside the body, or does not begin at a multiple of 8
     */
    public long checkedBytes(int buffer) {
        long offset = bufferOffset(buffer);
        long bytes = bufferBytes(buffer);
        if ((offset | bytes) < 0 || offset > bodyBytes() - bytes || (offset & 7) != 0) {
            String value = "offset " + offset + ", " + bytes + " bytes";
            String rule = "inside the body of " + bodyBytes() + " bytes, offset a multiple of 8";
            throw IpcException.malformed("buffer " + buffer, value, rule);
        }
        return bytes;
    }

    int bodyBytes() {
        return frame.bodyBytes();
    }

    /** Returns 8 bytes of the body, little-endian, from where a buffer begins that is inside it and has them. */
    long int64AtBuffer(int buffer) {
        return frame.bodyInt64((int) bufferOffset(buffer));
    }

    /** Returns how many fields of views the batch has. */
    public int variadicFieldCount() {
        return in.count(variadicCounts);
    }

    /** Returns how many data buffers a field of views has. Only such fields are counted. */
    public long variadicCount(int field) {
        return in.int64At(variadicCounts, Objects.checkIndex(field, variadicFieldCount()));
    }

    /**
     * Returns how the buffers are compressed; null where they are not.
     *
     * @throws IpcException {@code UNSUPPORTED} where the format does not define it
     */
    public @Nullable IpcCompression compression() {
        int compression = compressionBits();
        if (compression < 0) {
            return null;
        }
        if (compression > IpcCompression.ZSTD.codec()) {
            String is = "codec " + (compression & 0xFF) + ", method " + (compression >>> 8);
            throw IpcException.unsupported("compression", is, "codec 0 or 1, method 0");
        }
        return compression == IpcCompression.ZSTD.codec() ? IpcCompression.ZSTD : IpcCompression.LZ4_FRAME;
    }

    /** Returns the codec of the compression and 256 times its method; -1 where there is none. */
    int compressionBits() {
        return compressionBits(in, table);
    }

    /** As above, of the {@code RecordBatch} at {@code table} in the metadata that {@code in} reads, borrowed. */
    static int compressionBits(MetadataReader in, int table) {
        int compression = in.table(table, 3);
        return compression == 0 ? -1 : in.uint8(compression, 0) | in.uint8(compression, 1) << 8;
    }

    /** Returns whether unions and run-end encoded fields have a validity buffer, as they had before metadata V5. */
    public boolean hasValidityOfUnions() {
        return frame.header().version() == MessageHeader.V4;
    }
}
