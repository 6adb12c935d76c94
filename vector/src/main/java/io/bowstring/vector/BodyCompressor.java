package io.bowstring.vector;

import io.bowstring.codec.IpcCompression;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the buffers of bodies, each by itself.
 *
 * <p>Implementations are thread-safe.
 */
interface BodyCompressor {
    /**
     * Compresses a buffer.
     *
     * @param bytes not empty, direct; borrowed
     * @return what it is compressed, owned; null where that is not shorter
     */
    @Nullable
    ByteBuf compress(ByteBuf bytes, ByteBufAllocator allocator);

    /** Returns the compressor for a format; {@code zstdLevel} is one that zstd has. */
    static BodyCompressor of(IpcCompression compression, int zstdLevel) {
        return switch (compression) {
            case ZSTD -> new ZstdCompressor(zstdLevel);
            case LZ4_FRAME -> new Lz4FrameCompressor();
        };
    }
}
