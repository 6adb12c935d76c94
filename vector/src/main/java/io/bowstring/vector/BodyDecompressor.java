package io.bowstring.vector;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Decompresses bodies, all buffers of one into one piece of memory.
 *
 * <pre>
 *   buffer in the body │ length when decompressed: i64, -1 = not compressed │ frame │
 * </pre>
 *
 * <p>Immutable.
 */
final class BodyDecompressor {
    private static final int PREFIX_BYTES = Long.BYTES;
    private static final int NOT_COMPRESSED = -1;

    /** What Arrow recommends for the beginning of buffers. */
    private static final int ALIGNMENT = 64;

    private final BufferAllocator allocator;
    private final int maxBytes;

    /**
     * Creates one.
     *
     * @param allocator what the decompressed buffers are accounted in; borrowed
     * @param maxBytes how long those of a body may be together
     */
    BodyDecompressor(BufferAllocator allocator, int maxBytes) {
        this.allocator = allocator;
        this.maxBytes = maxBytes;
    }

    /**
     * Decompresses a body.
     *
     * @param metadata verified; borrowed, with the message that it is from
     * @param body consumed
     * @param memory to decompress into
     * @return the buffers, owned; those that are not compressed are slices of the body
     * @throws IpcException where buffers are not what they are said to be
     */
    BodyBuffers decompress(IpcBatchMetadata metadata, ArrowBuf body, ByteBufAllocator memory) {
        try {
            IpcCompression compression = metadata.compression();
            if (compression == null) {
                return new BodyBuffers(metadata, body);
            }
            BodyBuffers.Range[] ranges = ranges(metadata, body, compression);
            long bytes = 0;
            for (BodyBuffers.Range range : ranges) {
                bytes = range.isDecompressed() ? range.offset() + range.bytes() : bytes;
            }
            ArrowBuf decompressed = allocate(bytes, memory);
            try {
                for (int i = 0; i < ranges.length; i++) {
                    if (ranges[i].isDecompressed()) {
                        long target = decompressed.memoryAddress() + ranges[i].offset();
                        frame(compression, metadata, i, body).decompress(target, ranges[i].bytes());
                    }
                }
                return new BodyBuffers(metadata, body, decompressed, ranges);
            } catch (Throwable e) {
                decompressed.close();
                throw e;
            }
        } catch (Throwable e) {
            body.close();
            throw e;
        }
    }

    /** Returns where each buffer will be. */
    private BodyBuffers.Range[] ranges(IpcBatchMetadata metadata, ArrowBuf body, IpcCompression compression) {
        BodyBuffers.Range[] ranges = new BodyBuffers.Range[metadata.bufferCount()];
        long next = 0;
        for (int i = 0; i < ranges.length; i++) {
            long offset = metadata.bufferOffset(i);
            long bytes = metadata.bufferBytes(i);
            long declared = bytes == 0 ? NOT_COMPRESSED : body.getLong(offset);
            if (bytes == 0 || declared == 0) { // arrow-java leaves the frame of no bytes out
                ranges[i] = new BodyBuffers.Range(false, offset, 0);
            } else if (declared == NOT_COMPRESSED) {
                ranges[i] = new BodyBuffers.Range(false, offset + PREFIX_BYTES, bytes - PREFIX_BYTES);
            } else {
                if (declared < 0
                        || declared > maxBytes - next) { // with the padding between them, unlike the verifier's count
                    throw new IpcException(IpcErrorCode.TOO_LARGE, "decompressed bytes", declared, "<= " + maxBytes);
                }
                CompressedFrame.requirePossible(compression, "buffer " + i, bytes - PREFIX_BYTES, declared);
                ranges[i] = new BodyBuffers.Range(true, next, declared);
                next = (next + declared + ALIGNMENT - 1) & -ALIGNMENT;
            }
        }
        return ranges;
    }

    private ArrowBuf allocate(long bytes, ByteBufAllocator memory) {
        if (bytes == 0) {
            return allocator.getEmpty();
        }
        ByteBuf target = memory.directBuffer((int) bytes, (int) bytes);
        return ByteBufAllocation.wrap(target.writerIndex((int) bytes), allocator);
    }

    private static CompressedFrame frame(
            IpcCompression compression, IpcBatchMetadata metadata, int buffer, ArrowBuf body) {
        long address = body.memoryAddress() + metadata.bufferOffset(buffer) + PREFIX_BYTES;
        return new CompressedFrame(
                compression, "buffer " + buffer, address, metadata.bufferBytes(buffer) - PREFIX_BYTES);
    }
}
