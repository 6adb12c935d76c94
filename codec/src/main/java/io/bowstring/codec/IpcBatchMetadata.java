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
    private static final int LAST_CODEC = 1;
    private static final int STRUCT_BYTES = 2 * Long.BYTES;

    private final MetadataReader in;
    private final int table;
    private final int version;
    private final int bodyBytes;
    private final int nodes;
    private final int buffers;
    private final int variadicCounts;

    /** Reads the {@code RecordBatch} at {@code table} in the metadata of {@code frame}; both are borrowed. */
    IpcBatchMetadata(Frame frame, MetadataReader in, int table) {
        this.in = in;
        this.table = table;
        this.version = frame.header().version();
        this.bodyBytes = frame.bodyBytes();
        this.nodes = nodes(in, table);
        this.buffers = buffers(in, table);
        this.variadicCounts = variadicCounts(in, table);
    }

    // What BatchVerifier needs of a table, which makes no object of it.

    static long rowCount(MetadataReader in, int table) {
        return in.int64(table, 0);
    }

    /** Returns the vector of pairs of length and null count. */
    static int nodes(MetadataReader in, int table) {
        return in.vector(table, 1, STRUCT_BYTES);
    }

    /** Returns the vector of pairs of offset and length. */
    static int buffers(MetadataReader in, int table) {
        return in.vector(table, 2, STRUCT_BYTES);
    }

    static int variadicCounts(MetadataReader in, int table) {
        return in.vector(table, 4, Long.BYTES);
    }

    /** Returns how many rows the batch has, or how many values the dictionary. */
    public long rowCount() {
        return rowCount(in, table);
    }

    /** Returns how many fields the batch has, nested ones included. */
    public int nodeCount() {
        return in.count(nodes);
    }

    /** Returns how many values a field has. Nested fields are counted after their parent. */
    public long length(int node) {
        return in.int64At(nodes, 2 * Objects.checkIndex(node, nodeCount()));
    }

    /** Returns how many nulls a field has. */
    public long nullCount(int node) {
        return in.int64At(nodes, 2 * Objects.checkIndex(node, nodeCount()) + 1);
    }

    /** Returns how many buffers the batch has. */
    public int bufferCount() {
        return in.count(buffers);
    }

    /** Returns where in the body a buffer begins, in bytes. */
    public long bufferOffset(int buffer) {
        return in.int64At(buffers, 2 * Objects.checkIndex(buffer, bufferCount()));
    }

    /** Returns how long a buffer is in the body, in bytes. */
    public long bufferBytes(int buffer) {
        return in.int64At(buffers, 2 * Objects.checkIndex(buffer, bufferCount()) + 1);
    }

    /**
     * Returns how long a buffer is in the body, in bytes.
     *
     * @throws IpcException {@code MALFORMED} where it is not inside the body, or does not begin at a multiple of 8
     */
    public long checkedBytes(int buffer) {
        return checkedBytes(in, buffers, Objects.checkIndex(buffer, bufferCount()), bodyBytes);
    }

    static long checkedBytes(MetadataReader in, int buffers, int buffer, int bodyBytes) {
        long offset = in.int64At(buffers, 2 * buffer);
        long bytes = in.int64At(buffers, 2 * buffer + 1);
        if ((offset | bytes) < 0 || offset > bodyBytes - bytes || (offset & 7) != 0) {
            throw outsideBody(buffer, offset, bytes, bodyBytes);
        }
        return bytes;
    }

    private static IpcException outsideBody(int buffer, long offset, long bytes, int bodyBytes) {
        String value = "offset " + offset + ", " + bytes + " bytes";
        String rule = "inside the body of " + bodyBytes + " bytes, offset a multiple of 8";
        return IpcException.malformed("buffer " + buffer, value, rule);
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
        return compression(in, table);
    }

    static @Nullable IpcCompression compression(MetadataReader in, int table) {
        int compression = compressionBits(in, table);
        if (compression < 0) {
            return null;
        }
        if (compression > LAST_CODEC) {
            String is = "codec " + (compression & 0xFF) + ", method " + (compression >>> 8);
            throw IpcException.unsupported("compression", is, "codec 0 or 1, method 0");
        }
        return compression == LAST_CODEC ? IpcCompression.ZSTD : IpcCompression.LZ4_FRAME;
    }

    /** Returns the codec of the compression and 256 times its method; -1 where there is none. */
    int compressionBits() {
        return compressionBits(in, table);
    }

    private static int compressionBits(MetadataReader in, int table) {
        int compression = in.table(table, 3);
        return compression == 0 ? -1 : in.uint8(compression, 0) | in.uint8(compression, 1) << 8;
    }

    /** Returns whether unions and run-end encoded fields have a validity buffer, as they had before metadata V5. */
    public boolean hasValidityOfUnions() {
        return version == MessageHeader.V4;
    }
}
