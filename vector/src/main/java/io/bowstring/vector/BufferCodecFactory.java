package io.bowstring.vector;

import io.bowstring.codec.IpcCompression;
import io.netty.buffer.ByteBufAllocator;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.compression.NoCompressionCodec;

/**
 * The LZ4 and zstd of this module for arrow-java's own readers and writers, in place of the library arrow-compression, whose
 * streams they read and which reads theirs:
 *
 * <pre>{@code
 * BufferCodecFactory codecs = new BufferCodecFactory(256 << 20, PooledByteBufAllocator.DEFAULT);
 * ArrowStreamReader reader = new ArrowStreamReader(channel, allocator, codecs);
 * }</pre>
 *
 * <p>Lengths are held against what came, and against a limit, before there is memory for them. Memory is Netty's, and accounted
 * in arrow-java's allocators, which need not be able to allocate. If a buffer is damaged, the codec keeps nothing; arrow-java's
 * loader however keeps the buffers of the same field that it had before, with any codec. Read streams of strangers with a
 * {@link BatchReader} or a {@link MessageArrowReader} therefore.
 *
 * <p>Immutable, thread-safe; a codec is confined to one thread, and arrow-java makes one for each batch that it reads.
 */
public final class BufferCodecFactory implements CompressionCodec.Factory {
    private final int maxDecompressedBytes;
    private final ByteBufAllocator memory;

    /**
     * Creates a factory.
     *
     * @param maxDecompressedBytes what one codec decompresses altogether, so what the buffers of one batch may be together
     *     that arrow-java reads
     * @param memory what buffers are taken of
     * @throws IllegalArgumentException if the limit is not positive
     * @throws IllegalStateException if Arrow's memory cannot be used on this JVM; the message says what would help
     */
    public BufferCodecFactory(int maxDecompressedBytes, ByteBufAllocator memory) {
        ArrowPlatform.requireUsable();
        this.maxDecompressedBytes = VectorConfig.DEFAULTS
                .withMaxDecompressedBytes(maxDecompressedBytes)
                .maxDecompressedBytes();
        this.memory = memory;
    }

    /** Returns a codec, with zstd's default level. */
    @Override
    public CompressionCodec createCodec(CompressionUtil.CodecType type) {
        return createCodec(type, BatchWriterConfig.DEFAULTS.zstdLevel());
    }

    /**
     * Returns a codec.
     *
     * @param level for zstd; LZ4 has one only
     * @throws IllegalArgumentException if zstd does not have the level
     */
    @Override
    public CompressionCodec createCodec(CompressionUtil.CodecType type, int level) {
        int zstdLevel = BatchWriterConfig.DEFAULTS.withZstdLevel(level).zstdLevel();
        return switch (type) {
            case NO_COMPRESSION -> NoCompressionCodec.INSTANCE;
            case LZ4_FRAME -> newCodec(type, IpcCompression.LZ4_FRAME, zstdLevel);
            case ZSTD -> newCodec(type, IpcCompression.ZSTD, zstdLevel);
        };
    }

    private BufferCodec newCodec(CompressionUtil.CodecType type, IpcCompression compression, int zstdLevel) {
        BodyCompressor compressor = BodyCompressor.of(compression, zstdLevel);
        return new BufferCodec(type, compression, compressor, maxDecompressedBytes, memory);
    }
}
