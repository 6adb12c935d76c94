package io.bowstring.vector;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one body by their index, decompressed where they were compressed. Owns their memory. Confined to one
 * thread.
 */
final class BodyBuffers implements AutoCloseable {
    /** Where a buffer is: in the memory of what was decompressed, or in that of the body. */
    record Range(boolean isDecompressed, long offset, long bytes) {}

    private final IpcBatchMetadata metadata;
    private final ArrowBuf body;
    private final @Nullable ArrowBuf decompressed;
    private final Range[] ranges;
    private final List<ArrowBuf> widened = new ArrayList<>();
    private long widenedBytes;

    /**
     * Creates one over a body that is not compressed.
     *
     * @param metadata verified; borrowed, with the message that it is from
     * @param body consumed
     */
    BodyBuffers(IpcBatchMetadata metadata, ArrowBuf body) {
        this(metadata, body, null, new Range[0]);
    }

    /**
     * Creates one over a body and what has been decompressed of it.
     *
     * @param decompressed consumed
     * @param ranges one for each buffer
     */
    BodyBuffers(IpcBatchMetadata metadata, ArrowBuf body, @Nullable ArrowBuf decompressed, Range[] ranges) {
        this.metadata = metadata;
        this.body = body;
        this.decompressed = decompressed;
        this.ranges = ranges;
    }

    /** Returns a buffer; borrowed. */
    ArrowBuf get(int buffer) {
        if (decompressed == null) {
            return body.slice(metadata.bufferOffset(buffer), metadata.bufferBytes(buffer));
        }
        Range range = ranges[buffer];
        return (range.isDecompressed ? decompressed : body).slice(range.offset, range.bytes);
    }

    /**
     * Returns a buffer of decimals in 128 bits; borrowed.
     *
     * @param bits of each as they are
     * @throws IpcException {@code MALFORMED} where buffers share the body so often that all would be too many
     */
    ArrowBuf getDecimals(int buffer, int bits) {
        ArrowBuf narrow = get(buffer);
        if (bits >= WideDecimals.BITS) {
            return narrow;
        }
        widenedBytes += narrow.capacity();
        if (widenedBytes > bytes()) {
            throw new IpcException(IpcErrorCode.MALFORMED, "bytes of decimals", widenedBytes, "<= " + bytes());
        }
        BufferAllocator allocator = body.getReferenceManager().getAllocator();
        ArrowBuf wide = WideDecimals.widen(narrow, bits, allocator);
        widened.add(wide);
        return wide;
    }

    /** Returns how long the body is, and what has been decompressed of it. */
    long bytes() {
        return body.capacity() + (decompressed == null ? 0 : decompressed.capacity());
    }

    @Override
    public void close() {
        body.close();
        widened.forEach(ArrowBuf::close);
        if (decompressed != null) {
            decompressed.close();
        }
    }
}
