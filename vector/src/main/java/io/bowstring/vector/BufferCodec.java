package io.bowstring.vector;

import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil;

/**
 * Compresses and decompresses the buffers of bodies for arrow-java, as {@link BodyDecompressor} says that they stand there.
 *
 * <p>Confined to one thread.
 */
final class BufferCodec implements CompressionCodec {
    private static final int PREFIX_BYTES = Long.BYTES;
    private static final long NOT_COMPRESSED = -1;

    private final CompressionUtil.CodecType type;
    private final IpcCompression compression;
    private final BodyCompressor compressor;
    private final int maxBytes;
    private final ByteBufAllocator memory;
    private long decompressedBytes;

    BufferCodec(
            CompressionUtil.CodecType type,
            IpcCompression compression,
            BodyCompressor compressor,
            int maxBytes,
            ByteBufAllocator memory) {
        this.type = type;
        this.compression = compression;
        this.compressor = compressor;
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    @Override
    public CompressionUtil.CodecType getCodecType() {
        return type;
    }

    /**
     * Compresses a buffer, or puts it after a mark where that does not make it shorter.
     *
     * @param allocator what the result is accounted in; borrowed
     * @param buffer its readable bytes; consumed, whatever is thrown: arrow-java has taken a reference for it
     * @return owned
     * @throws CapacityException if it is longer than 2 GiB
     */
    @Override
    public ArrowBuf compress(BufferAllocator allocator, ArrowBuf buffer) {
        try (buffer) {
            int bytes = ArrowBuffers.bytes(buffer);
            if (bytes == 0) {
                return prefixed(0, Unpooled.EMPTY_BUFFER, allocator); // as arrow-java writes it: no frame
            }
            ByteBuf plain = Unpooled.wrappedBuffer(ForeignMemory.at(address(buffer), bytes));
            ByteBuf compressed = compressor.compress(plain, memory);
            return compressed == null
                    ? prefixed(NOT_COMPRESSED, plain, allocator)
                    : prefixed(bytes, compressed, allocator);
        }
    }

    private static long address(ArrowBuf buffer) {
        return buffer.memoryAddress() + buffer.readerIndex();
    }

    /** Returns a copy of {@code bytes}, consumed, after a prefix; owned. */
    private ArrowBuf prefixed(long prefix, ByteBuf bytes, BufferAllocator allocator) {
        ByteBuf target;
        try {
            int all = Math.addExact(PREFIX_BYTES, bytes.readableBytes());
            target = memory.directBuffer(all, all).writeLongLE(prefix).writeBytes(bytes);
        } finally {
            bytes.release();
        }
        return wrap(target, allocator);
    }

    private static ArrowBuf wrap(ByteBuf target, BufferAllocator allocator) {
        int bytes = target.readableBytes();
        return ByteBufAllocation.wrap(target, allocator).writerIndex(bytes);
    }

    /**
     * Decompresses a buffer.
     *
     * @param allocator what the result is accounted in; borrowed
     * @param buffer its readable bytes; consumed, unless this throws: arrow-java then releases it
     * @return owned; where the buffer was not compressed, a part of it
     * @throws IpcException {@code MALFORMED} where it is not what it says it is; {@code TOO_LARGE} where this codec has
     *     decompressed as much as it may
     */
    @Override
    public ArrowBuf decompress(BufferAllocator allocator, ArrowBuf buffer) {
        long bytes = buffer.readableBytes() - PREFIX_BYTES;
        if (bytes < 0) {
            throw malformed("bytes of a compressed buffer", buffer.readableBytes(), ">= " + PREFIX_BYTES);
        }
        long declared = buffer.getLong(buffer.readerIndex());
        if (declared == NOT_COMPRESSED) {
            return buffer.slice(buffer.readerIndex() + PREFIX_BYTES, bytes);
        }
        ArrowBuf decompressed = declared == 0 ? allocator.getEmpty() : decompress(allocator, buffer, bytes, declared);
        buffer.close();
        return decompressed;
    }

    private ArrowBuf decompress(BufferAllocator allocator, ArrowBuf buffer, long bytes, long declared) {
        if (declared < 0) {
            throw malformed("decompressed bytes", declared, ">= 0, or -1 where it is not compressed");
        }
        CompressedFrame.requirePossible(compression, "a buffer", bytes, declared);
        if (declared > maxBytes - decompressedBytes) {
            String rule = "<= " + maxBytes + ", maxDecompressedBytes of the codec";
            throw new IpcException(IpcErrorCode.TOO_LARGE, "decompressed bytes", decompressedBytes + declared, rule);
        }
        ByteBuf target = memory.directBuffer((int) declared, (int) declared);
        try {
            new CompressedFrame(compression, "a buffer", address(buffer) + PREFIX_BYTES, bytes)
                    .decompress(ByteBufAllocation.address(target), declared);
        } catch (Throwable e) {
            target.release();
            throw e;
        }
        decompressedBytes += declared;
        return wrap(target.writerIndex((int) declared), allocator);
    }

    private static IpcException malformed(String what, long value, String rule) {
        return new IpcException(IpcErrorCode.MALFORMED, what, value, rule);
    }
}
