package io.bowstring.vector;

import com.github.luben.zstd.Zstd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Compresses with Zstandard at its default level, from address to address.
 *
 * <p>Thread-safe.
 */
final class ZstdCompressor implements BodyCompressor {
    @Override
    public @Nullable ByteBuf compress(ByteBuf bytes, ByteBufAllocator allocator) {
        int length = bytes.readableBytes();
        ByteBuf compressed = allocator.directBuffer(length, length); // no more is wanted
        long written = Zstd.compressUnsafe(
                ByteBufAllocation.address(compressed),
                length - 1L,
                ByteBufAllocation.address(bytes),
                length,
                Zstd.defaultCompressionLevel());
        if (!Zstd.isError(written)) {
            return compressed.writerIndex((int) written).capacity((int) written);
        }
        compressed.release();
        if (Zstd.getErrorCode(written) != Zstd.errDstSizeTooSmall()) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(written) + " (expected: no error)");
        }
        return null;
    }
}
