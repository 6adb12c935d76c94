package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.Random;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class BodyCompressorTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    private static final int BLOCK = 4 << 20;

    /** Returns a buffer, whose first bytes are at an odd index, with that many random bytes, repeated; owned. */
    private static ByteBuf bytes(int length, int period) {
        byte[] random = new byte[period];
        new Random(length).nextBytes(random);
        ByteBuf bytes = MEMORY.directBuffer(length + 3).writeZero(3).skipBytes(3);
        while (bytes.readableBytes() < length) {
            bytes.writeBytes(random, 0, Math.min(period, length - bytes.readableBytes()));
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"100, 7", "4096, 100", "65536, 100", "4194304, 1000", "4194305, 1000", "9000000, 60000"})
    void compressesIntoOneZstdFrame(int length, int period) {
        ByteBuf bytes = bytes(length, period);
        ByteBuf compressed = new ZstdCompressor(3).compress(bytes, MEMORY);

        assertThat(compressed.readableBytes()).isLessThan(length / 2);
        assertThat(compressed.capacity()).isEqualTo(compressed.readableBytes());
        ByteBuf decompressed = MEMORY.directBuffer(length);
        assertThat(Zstd.decompressUnsafe(
                        decompressed.memoryAddress(), length, compressed.memoryAddress(), compressed.readableBytes()))
                .isEqualTo(length);
        assertThat(decompressed.writerIndex(length)).isEqualTo(bytes);
        compressed.release();
        decompressed.release();
        bytes.release();
    }

    @ParameterizedTest
    @CsvSource({"100, 7", "4096, 100", "65536, 100", "4194304, 1000", "4194305, 1000", "9000000, 60000"})
    void compressesIntoOneLz4Frame(int length, int period) throws IOException {
        ByteBuf bytes = bytes(length, period);
        ByteBuf compressed = new Lz4FrameCompressor().compress(bytes, MEMORY);

        assertThat(compressed.readableBytes()).isLessThan(length);
        assertThat(compressed.capacity()).isEqualTo(compressed.readableBytes());
        ByteBuf decompressed = MEMORY.directBuffer(length);
        try (LZ4FrameInputStream frame = new LZ4FrameInputStream(new ByteBufInputStream(compressed.duplicate()))) {
            decompressed.writeBytes(frame.readAllBytes());
        }
        assertThat(decompressed).isEqualTo(bytes);
        compressed.release();
        decompressed.release();
        bytes.release();
    }

    /** A block that is not shorter stands among others that are. */
    @Test
    void leavesBlockOfLz4FrameAsItIs() throws IOException {
        ByteBuf bytes = bytes(BLOCK, BLOCK).capacity(2 * BLOCK + 3).writeZero(BLOCK);
        ByteBuf compressed = new Lz4FrameCompressor().compress(bytes, MEMORY);

        assertThat(compressed.getIntLE(7)).isEqualTo(BLOCK | 1 << 31);
        ByteBuf decompressed = MEMORY.directBuffer(2 * BLOCK);
        try (LZ4FrameInputStream frame = new LZ4FrameInputStream(new ByteBufInputStream(compressed.duplicate()))) {
            decompressed.writeBytes(frame.readAllBytes());
        }
        assertThat(decompressed).isEqualTo(bytes);
        compressed.release();
        decompressed.release();
        bytes.release();
    }

    @ParameterizedTest
    @EnumSource
    void leavesAloneWhatDoesNotBecomeShorter(IpcCompression compression) {
        for (int length : new int[] {1, 2, 8, 15, 4096, 100_000}) {
            ByteBuf bytes = bytes(length, length);

            assertThat(BodyCompressor.of(compression, 3).compress(bytes, MEMORY))
                    .isNull();

            assertThat(bytes.release()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isDecompressedByArrow(IpcCompression compression) {
        ByteBuf bytes = bytes(200_000, 1000);
        ByteBuf compressed = BodyCompressor.of(compression, 3).compress(bytes, MEMORY);
        try (BufferAllocator allocator = new NettyAllocationFactory(MEMORY).newRootAllocator(Long.MAX_VALUE)) {
            ArrowBuf prefixed = allocator.buffer(8L + compressed.readableBytes());
            prefixed.setLong(0, 200_000);
            prefixed.setBytes(8, ByteBufUtil.getBytes(compressed));
            prefixed.writerIndex(8L + compressed.readableBytes());
            CompressionUtil.CodecType codec = compression == IpcCompression.ZSTD
                    ? CompressionUtil.CodecType.ZSTD
                    : CompressionUtil.CodecType.LZ4_FRAME;

            try (ArrowBuf decompressed =
                    CommonsCompressionFactory.INSTANCE.createCodec(codec).decompress(allocator, prefixed)) {
                assertThat(decompressed.writerIndex()).isEqualTo(200_000);
                for (int i = 0; i < 200_000; i++) {
                    assertThat(decompressed.getByte(i)).isEqualTo(bytes.getByte(3 + i));
                }
            }
        }
        compressed.release();
        bytes.release();
    }
}
