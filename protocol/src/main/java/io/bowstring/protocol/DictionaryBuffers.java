package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The values of a dictionary batch: what its metadata says of them, and the bytes of their buffers wherever those stand
 * in the body.
 *
 * <p>Nothing is read that is not the batch's own. Confined to the caller's thread; borrows the batch.
 */
public final class DictionaryBuffers {
    /** How Arrow 0.17 said that a body is compressed, before V5 had a field for it. */
    private static final String COMPRESSION_OF_V4 = "ARROW:experimental_compression";

    private final IpcDictionaryBatch batch;
    private final ByteBuf body;
    private final IpcBatchMetadata metadata;

    /** Reads the metadata of {@code batch}, which is borrowed. */
    public DictionaryBuffers(IpcDictionaryBatch batch) {
        this.batch = batch;
        this.body = batch.body();
        this.metadata = batch.batchMetadata();
    }

    /** Returns how many values there are. */
    long length() {
        return metadata.rowCount();
    }

    /** Returns how many of the values are null; of nested ones on the top level. */
    long nullCount() {
        return metadata.nodeCount() == 0 ? 0 : metadata.nullCount(0);
    }

    int bufferCount() {
        return metadata.bufferCount();
    }

    int bodyBytes() {
        return body.readableBytes();
    }

    boolean isCompressed() {
        return metadata.compression() != null || compressionOfV4() != null;
    }

    private @Nullable String compressionOfV4() {
        return batch.customMetadata().get(COMPRESSION_OF_V4);
    }

    /**
     * Returns a buffer; borrowed, a new view, little-endian.
     *
     * @throws IpcException {@code MALFORMED} where it is not inside the body
     */
    ByteBuffer bytes(int index) {
        int bytes = (int) metadata.checkedBytes(index);
        int offset = (int) metadata.bufferOffset(index);
        return body.nioBuffer(body.readerIndex() + offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns a hash of the values: the same for those that {@linkplain #isSame are the same}. Takes about as long as reading
     * the body.
     *
     * @throws IpcException {@code MALFORMED} where a buffer is not inside the body
     */
    public int hash() {
        CRC32C hash = new CRC32C();
        for (int i = 0; i < bufferCount(); i++) {
            hash.update(bytes(i));
        }
        return (int) hash.getValue();
    }

    /**
     * Returns whether a reader makes the same of both: nodes, buffers and compression are equal, wherever the buffers stand in
     * the body. Ids, whether a batch is a delta, and metadata entries do not count.
     *
     * @throws IpcException {@code MALFORMED} where a buffer is not inside its body
     */
    public boolean isSame(DictionaryBuffers other) {
        IpcBatchMetadata one = metadata;
        IpcBatchMetadata two = other.metadata;
        return Objects.equals(compressionOfV4(), other.compressionOfV4())
                && one.rowCount() == two.rowCount()
                && one.compression() == two.compression()
                && one.nodeCount() == two.nodeCount()
                && isSame(one.nodeCount(), one::length, two::length)
                && isSame(one.nodeCount(), one::nullCount, two::nullCount)
                && one.variadicFieldCount() == two.variadicFieldCount()
                && isSame(one.variadicFieldCount(), one::variadicCount, two::variadicCount)
                && hasSameBuffers(other);
    }

    private static boolean isSame(int count, IntToLongFunction one, IntToLongFunction other) {
        for (int i = 0; i < count; i++) {
            if (one.applyAsLong(i) != other.applyAsLong(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasSameBuffers(DictionaryBuffers other) {
        if (bufferCount() != other.bufferCount()) {
            return false;
        }
        for (int i = 0; i < bufferCount(); i++) {
            if (bytes(i).mismatch(other.bytes(i)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
