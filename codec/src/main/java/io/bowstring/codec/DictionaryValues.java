package io.bowstring.codec;

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
 * <p>Nothing is read that is not the batch's own. Confined to the caller's thread; borrows the frame.
 */
final class DictionaryValues {
    private final Frame frame;
    private final ByteBuf body;
    private final IpcBatchMetadata metadata;

    DictionaryValues(IpcDictionaryBatch batch) {
        this.frame = batch.bytes();
        this.body = frame.body();
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

    long bodyBytes() {
        return frame.bodyBytes();
    }

    boolean isCompressed() {
        return metadata.compression() != null || compressionOfV4() != null;
    }

    private @Nullable String compressionOfV4() {
        return CustomMetadata.read(frame.reader(), frame.header().entries()).get(CustomMetadata.COMPRESSION_OF_V4);
    }

    /**
     * Checks them against their layout.
     *
     * @throws IpcException where they do not fit it
     */
    void verify(BatchLayout layout, BatchVerifier verifier) {
        MetadataReader in = frame.reader();
        verifier.verify(layout, in, in.table(frame.header().table(), 1), frame);
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

    /** Returns a hash of the values: the same for those that {@linkplain #isSame are the same}. */
    int hash() {
        CRC32C hash = new CRC32C();
        for (int i = 0; i < bufferCount(); i++) {
            ByteBuffer buffer = bytes(i);
            hash.update(buffer.remaining()); // its lowest byte: more would not tell more apart
            hash.update(buffer);
        }
        return (int) hash.getValue();
    }

    /** Returns whether a reader makes the same of both: nodes, buffers and counts equal, padding and order aside. */
    boolean isSame(DictionaryValues other) {
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

    private boolean hasSameBuffers(DictionaryValues other) {
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
