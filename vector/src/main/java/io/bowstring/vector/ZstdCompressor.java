package io.bowstring.vector;

import com.github.luben.zstd.Zstd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Compresses with Zstandard, from address to address.
 *
 * <p>Immutable, thread-safe.
 */
final class ZstdCompressor implements BodyCompressor {
    private final int level;

    /** Creates one of a level that zstd has. */
    ZstdCompressor(int level) {
        this.level = level;
    }

    @Override
    public @Nullable ByteBuf compress(ByteBuf bytes, ByteBufAllocator allocator) {
        int length = bytes.readableBytes();
        ByteBuf compressed = allocator.directBuffer(length, length); // no more is wanted
        try {
            if (tryCompress(bytes, compressed)) {
                return compressed;
            }
        } catch (Throwable e) { // of the library also, which has no native code for some platforms
            compressed.release();
            throw e;
        }
        compressed.release();
        return null;
    }

    /** Returns whether {@code bytes} fit {@code compressed}, both borrowed; its capacity is then what they take. */
    private boolean tryCompress(ByteBuf bytes, ByteBuf compressed) {
        int length = bytes.readableBytes();
        long written = Zstd.compressUnsafe(
                ByteBufAllocation.address(compressed), length - 1L, ByteBufAllocation.address(bytes), length, level);
        if (!Zstd.isError(written)) {
            compressed.writerIndex((int) written).capacity((int) written);
            return true;
        }
        if (Zstd.getErrorCode(written) != Zstd.errDstSizeTooSmall()) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(written) + " (expected: no error)");
        }
        return false;
    }
}
