package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class BufferCodecFactoryTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    private static final int MAX_BYTES = 1 << 20;
    private static final BufferCodecFactory OURS = new BufferCodecFactory(MAX_BYTES, MEMORY);

    private final BufferAllocator allocator = new NettyAllocationFactory(MEMORY).newRootAllocator(64 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    /** Returns what arrow-java writes with a codec; its own writer cannot write its buffers without JVM flags. */
    private byte[] written(CompressionCodec.Factory codecs, CodecType type, int rows) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        WriteChannel channel = new WriteChannel(Channels.newChannel(stream)) {
            @Override
            public void write(ArrowBuf buffer) throws IOException {
                byte[] bytes = new byte[(int) buffer.readableBytes()];
                buffer.getBytes(buffer.readerIndex(), bytes);
                write(bytes);
            }
        };
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(SampleVectors.FIELDS), allocator)) {
            new SampleVectors(rows).fill(root, rows);
            MessageSerializer.serialize(channel, root.getSchema());
            VectorUnloader unloader = new VectorUnloader(root, true, codecs.createCodec(type, 1), true);
            try (ArrowRecordBatch batch = unloader.getRecordBatch()) {
                MessageSerializer.serialize(channel, batch);
            }
        }
        return stream.toByteArray();
    }

    private List<List<String>> read(byte[] stream, CompressionCodec.Factory codecs) throws IOException {
        List<List<String>> batches = new ArrayList<>();
        try (ArrowStreamReader reader = StockStream.open(stream, allocator, codecs)) {
            while (reader.loadNextBatch()) {
                batches.add(StockStream.texts(reader.getVectorSchemaRoot(), reader));
            }
        }
        return batches;
    }

    @ParameterizedTest
    @EnumSource(
            value = CodecType.class,
            names = {"LZ4_FRAME", "ZSTD"})
    void readsAndIsReadByArrowsOwnCompression(CodecType type) throws IOException {
        for (int rows : new int[] {0, 1, 9, 2000}) {
            byte[] plain = written(NoCompressionCodec.Factory.INSTANCE, CodecType.NO_COMPRESSION, rows);
            byte[] ours = written(OURS, type, rows);
            byte[] arrows = written(CommonsCompressionFactory.INSTANCE, type, rows);
            List<List<String>> expected = read(plain, CommonsCompressionFactory.INSTANCE);

            assertThat(read(ours, CommonsCompressionFactory.INSTANCE)).isEqualTo(expected);
            assertThat(read(arrows, OURS)).isEqualTo(expected);
            assertThat(read(ours, OURS)).isEqualTo(expected);
            assertThat(StockStream.read(ours).batches()).isEqualTo(expected);
            assertThat(ours.length).isLessThan(rows < 2000 ? Integer.MAX_VALUE : plain.length);
        }
    }

    @Test
    void makesTheCodecThatIsAskedFor() {
        assertThat(OURS.createCodec(CodecType.NO_COMPRESSION)).isSameAs(NoCompressionCodec.INSTANCE);
        assertThat(OURS.createCodec(CodecType.ZSTD, 19).getCodecType()).isEqualTo(CodecType.ZSTD);
        assertThat(OURS.createCodec(CodecType.LZ4_FRAME).getCodecType()).isEqualTo(CodecType.LZ4_FRAME);
        assertThatThrownBy(() -> OURS.createCodec(CodecType.ZSTD, 23))
                .hasMessage("zstdLevel: 23 (expected: -131072..22)");
        assertThatThrownBy(() -> new BufferCodecFactory(0, MEMORY))
                .hasMessage("maxDecompressedBytes: 0 (expected: 1..2147483647)");
    }

    /** Returns a buffer as it stands in a body, owned. */
    private ArrowBuf buffer(long declared, byte... frame) {
        ArrowBuf buffer = allocator.buffer(8L + frame.length);
        buffer.setLong(0, declared);
        buffer.setBytes(8, frame);
        return buffer.writerIndex(8L + frame.length);
    }

    private static byte[] frame(CodecType type, int bytes) {
        return type == CodecType.ZSTD ? Zstd.compress(new byte[bytes]) : Lz4FrameReaderTest.frame(new byte[bytes]);
    }

    private void assertRefused(CompressionCodec codec, ArrowBuf buffer, IpcErrorCode code, String message) {
        long before = allocator.getAllocatedMemory();

        assertThatThrownBy(() -> codec.decompress(allocator, buffer))
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(message);

        assertThat(buffer.refCnt()).isOne(); // arrow-java's own to release
        assertThat(allocator.getAllocatedMemory()).isEqualTo(before);
        buffer.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = CodecType.class,
            names = {"LZ4_FRAME", "ZSTD"})
    void refusesDamagedBuffersAndKeepsNothing(CodecType type) {
        CompressionCodec codec = OURS.createCodec(type);
        byte[] good = frame(type, 1000);
        int factor =
                type == CodecType.ZSTD ? IpcCompression.ZSTD.maxExpansion() : IpcCompression.LZ4_FRAME.maxExpansion();

        assertRefused(
                codec,
                buffer(999, good),
                IpcErrorCode.MALFORMED,
                type + " of a buffer: malformed or longer (expected: 999 bytes, as is written before it)");
        assertRefused(
                codec,
                buffer(1001, good),
                IpcErrorCode.MALFORMED,
                type + " of a buffer: 1000 bytes (expected: 1001 bytes, as is written before it)");
        assertRefused(
                codec,
                buffer(-2, good),
                IpcErrorCode.MALFORMED,
                "decompressed bytes: -2 (expected: >= 0, or -1 where it is not compressed)");
        assertRefused(
                codec,
                buffer(1L << 60, good),
                IpcErrorCode.MALFORMED,
                "decompressed bytes of a buffer: " + (1L << 60) + " (expected: <= " + factor + " for each of "
                        + good.length + ")");
        assertRefused(
                codec,
                buffer(0).writerIndex(7),
                IpcErrorCode.MALFORMED,
                "bytes of a compressed buffer: 7 (expected: >= 8)");
    }

    @ParameterizedTest
    @EnumSource(
            value = CodecType.class,
            names = {"LZ4_FRAME", "ZSTD"})
    void refusesMoreThanTheLimitInAll(CodecType type) {
        CompressionCodec codec = OURS.createCodec(type);
        byte[] half = frame(type, MAX_BYTES / 2);
        for (int i = 0; i < 2; i++) {
            codec.decompress(allocator, buffer(MAX_BYTES / 2, half)).close();
        }

        assertRefused(
                codec,
                buffer(MAX_BYTES / 2, half),
                IpcErrorCode.TOO_LARGE,
                "decompressed bytes: 1572864 (expected: <= 1048576, maxDecompressedBytes of the codec)");
        OURS.createCodec(type)
                .decompress(allocator, buffer(MAX_BYTES / 2, half))
                .close();
    }

    @Test
    void readsBuffersThatAreMarkedAndSuchWithoutAFrame() {
        CompressionCodec codec = OURS.createCodec(CodecType.ZSTD);
        try (ArrowBuf plain = codec.decompress(allocator, buffer(-1, (byte) 7, (byte) 8));
                ArrowBuf none = codec.decompress(allocator, buffer(0))) {
            assertThat(plain.readableBytes()).isEqualTo(2);
            assertThat(plain.getByte(1)).isEqualTo((byte) 8);
            assertThat(none.readableBytes()).isZero();
        }
    }

    @Test
    void consumesBuffersThatItCannotCompress() {
        CompressionCodec codec = OURS.createCodec(CodecType.ZSTD);
        ArrowBuf bytes = allocator.buffer(100_000);
        bytes.setZero(0, 100_000);
        bytes.writerIndex(100_000);
        try (BufferAllocator small = new RootAllocator(8)) {
            assertThatThrownBy(() -> codec.compress(small, bytes)).isInstanceOf(OutOfMemoryException.class);
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    @Test
    void releasesWhatItHasDecompressedAboveTheLimitOfTheAllocator() {
        ArrowBuf bytes = buffer(1000, frame(CodecType.ZSTD, 1000));
        try (BufferAllocator small = new RootAllocator(8)) {
            assertThatThrownBy(() -> OURS.createCodec(CodecType.ZSTD).decompress(small, bytes))
                    .isInstanceOf(OutOfMemoryException.class);
        }
        assertThat(bytes.refCnt()).isOne();
        bytes.close();
    }
}
