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
    private static final int METADATA_V4 = 3;
    private static final int LAST_CODEC = 1;
    private static final int STRUCT_BYTES = 2 * Long.BYTES;

    private final MetadataReader in;
    private final int table;
    private final int version;
    private final int nodes;
    private final int buffers;
    private final int variadicCounts;

    /** Reads the {@code RecordBatch} at {@code table} in the metadata of {@code frame}, borrowed. */
    IpcBatchMetadata(Frame frame, MetadataReader in, int table) {
        this.in = in;
        this.table = table;
        this.version = frame.header().version();
        this.nodes = in.vector(table, 1, STRUCT_BYTES);
        this.buffers = in.vector(table, 2, STRUCT_BYTES);
        this.variadicCounts = in.vector(table, 4, Long.BYTES);
    }

    /** Returns how many rows the batch has, or how many values the dictionary. */
    public long rowCount() {
        return in.int64(table, 0);
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

    /** Returns how many fields of views the batch has. */
    int variadicFieldCount() {
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

    /** Returns whether unions and run-end encoded fields have a validity buffer, as they had before metadata V5. */
    public boolean hasValidityOfUnions() {
        return version == METADATA_V4;
    }

    static @Nullable IpcCompression compression(MetadataReader in, int batch) {
        int compression = in.table(batch, 3);
        if (compression == 0) {
            return null;
        }
        int codec = in.uint8(compression, 0);
        int method = in.uint8(compression, 1);
        if (codec > LAST_CODEC || method != 0) {
            throw IpcException.unsupported(
                    "compression", "codec " + codec + ", method " + method, "codec 0 or 1, method 0");
        }
        return codec == LAST_CODEC ? IpcCompression.ZSTD : IpcCompression.LZ4_FRAME;
    }
}
