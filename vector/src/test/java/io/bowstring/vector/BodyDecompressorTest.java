package io.bowstring.vector;

import static io.bowstring.vector.BatchReaderTest.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class BodyDecompressorTest {
    private static final int ROWS = 100;
    private static final int BYTES = 8 * ROWS;
    private static final int MAX_BYTES = 1 << 20;

    private final BufferAllocator allocator = new RootAllocator(4 << 20);
    private final BatchReader reader =
            new BatchReader(allocator, VectorConfig.DEFAULTS.withMaxDecompressedBytes(MAX_BYTES));

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    @ParameterizedTest
    @EnumSource(IpcCompression.class)
    void readsBuffersThatAreCompressedAndSuchAsAreNot(IpcCompression compression) {
        IpcField field = IpcField.of("n", true, IpcType.INT64);
        reader.read(schema(field, field, field));
        BatchMaker batch = new BatchMaker(compression);
        batch.node(ROWS, 0).bytes().compressed(compressed(compression, values()), BYTES);
        batch.node(ROWS, 0).bytes().longs(longs());
        batch.node(ROWS, 0).bytes().compressed(compressed(compression, values()), BYTES);

        try (VectorBatch read = reader.read(batch.recordBatch(ROWS))) {
            for (int column = 0; column < 3; column++) {
                BigIntVector vector = (BigIntVector) read.root().getVector(column);
                assertThat(vector.getDataBuffer().capacity()).isEqualTo(BYTES);
                for (int row = 0; row < ROWS; row++) {
                    assertThat(vector.get(row)).isEqualTo(longs()[row]);
                }
            }
            // Where the second column would begin if the first were as long as its memory.
            assertThat(address(read, 2) - address(read, 0)).isEqualTo(832);
        }
        assertThat(reader.copiedBytes()).isZero();
    }

    private static long address(VectorBatch batch, int column) {
        return batch.root().getVector(column).getDataBuffer().memoryAddress();
    }

    @ParameterizedTest
    @EnumSource(IpcCompression.class)
    void refusesMoreAndLessThanIsSaid(IpcCompression compression) {
        byte[] frame = compressed(compression, values());

        assertRefused(
                compression,
                frame,
                BYTES + 1,
                compression + " of buffer 1: 800 bytes (expected: 801 bytes, as is written before it)");
        reader.close();
        try (BatchReader other = new BatchReader(allocator)) {
            other.read(schema(IpcField.of("n", true, IpcType.BOOL)));
            IpcRecordBatch shorter = new BatchMaker(compression)
                    .node(ROWS, 0)
                    .bytes()
                    .compressed(frame, BYTES - 1)
                    .recordBatch(ROWS);
            assertThatThrownBy(() -> other.read(shorter))
                    .hasMessage(compression
                            + " of buffer 1: malformed or longer (expected: 799 bytes, as is written before it)");
        }
    }

    @ParameterizedTest
    @EnumSource(IpcCompression.class)
    void refusesWhatIsNoFrame(IpcCompression compression) {
        assertRefused(
                compression,
                new byte[40],
                BYTES,
                compression + " of buffer 1: malformed or longer (expected: 800 bytes, as is written before it)");
    }

    @ParameterizedTest
    @CsvSource({"LZ4_FRAME, 255", "ZSTD, 32768"})
    void commitsNoMemoryForMoreThanAFrameCanHold(IpcCompression compression, int factor) {
        reader.read(schema(IpcField.of("n", true, IpcType.BOOL)));
        IpcRecordBatch least = bomb(compression, new byte[20], 20L * factor);
        IpcRecordBatch more = bomb(compression, new byte[20], 20L * factor + 1);
        try (BatchReader other = new BatchReader(allocator)) {
            other.read(schema(IpcField.of("n", true, IpcType.BOOL)));
            assertThatThrownBy(() -> other.read(more))
                    .hasMessage("decompressed bytes of buffer 1: " + (20 * factor + 1) + " (expected: <= " + factor
                            + " for each of 20)");
        }
        assertThat(allocator.getPeakMemoryAllocation()).isLessThan(100);
        assertThatThrownBy(() -> reader.read(least)).hasMessageStartingWith(compression + " of buffer 1: malformed");
        assertThat(allocator.getPeakMemoryAllocation()).isGreaterThan(20L * factor);
    }

    @ParameterizedTest
    @EnumSource(IpcCompression.class)
    void refusesBombsWithinTheLimit(IpcCompression compression) {
        byte[] bomb = compressed(compression, new byte[64 << 20]);
        assertThat(bomb.length).isLessThan((64 << 20) / 240);

        // An honest bomb is refused by what it says, a lying one when the room for what it says is used up.
        reader.read(schema(IpcField.of("n", true, IpcType.INT64)));
        IpcRecordBatch honest = bomb(compression, bomb, 64 << 20);
        assertThatThrownBy(() -> reader.read(honest))
                .hasMessage("decompressed bytes: 67108864 (expected: <= " + MAX_BYTES + ")")
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.TOO_LARGE));
        assertThat(allocator.getPeakMemoryAllocation()).isZero();
        try (BatchReader other = new BatchReader(allocator)) {
            other.read(schema(IpcField.of("n", true, IpcType.INT64)));
            assertThatThrownBy(() -> other.read(bomb(compression, bomb, BYTES)))
                    .hasMessage(compression
                            + " of buffer 1: malformed or longer (expected: 800 bytes, as is written before it)");
        }
        assertThat(allocator.getPeakMemoryAllocation()).isLessThan(bomb.length + 4_096L);
    }

    private static IpcRecordBatch bomb(IpcCompression compression, byte[] frame, long declared) {
        return new BatchMaker(compression)
                .node(ROWS, 0)
                .bytes()
                .compressed(frame, declared)
                .recordBatch(ROWS);
    }

    @Test
    void leaksNothingAboveTheLimitOfTheAllocator() {
        byte[] frame = compressed(IpcCompression.ZSTD, new byte[MAX_BYTES]);
        try (BufferAllocator small = allocator.newChildAllocator("small", 0, 4_096);
                BatchReader other = new BatchReader(small)) {
            other.read(schema(IpcField.of("n", true, IpcType.INT64)));
            IpcRecordBatch batch = bomb(IpcCompression.ZSTD, frame, MAX_BYTES);

            assertThatThrownBy(() -> other.read(batch)).isInstanceOf(OutOfMemoryException.class);

            assertThat(batch.refCnt()).isZero();
            assertThat(small.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void readsBatchesOfWhichNothingIsCompressed() {
        reader.read(schema(IpcField.of("n", true, IpcType.INT64)));
        IpcRecordBatch batch = new BatchMaker(IpcCompression.ZSTD)
                .node(2, 0)
                .bytes()
                .longs(1, 2)
                .recordBatch(2);
        try (VectorBatch read = reader.read(batch)) {
            assertThat(((BigIntVector) read.root().getVector(0)).get(1)).isEqualTo(2);
        }
        try (VectorBatch read = reader.read(
                new BatchMaker(IpcCompression.ZSTD).node(0, 0).bytes().bytes().recordBatch(0))) {
            assertThat(read.rowCount()).isZero();
        }
    }

    /** As arrow-java writes a buffer of no bytes: their number, and no frame. */
    @ParameterizedTest
    @EnumSource(IpcCompression.class)
    void readsBuffersOfNoBytesWithoutAFrame(IpcCompression compression) {
        reader.read(schema(IpcField.of("s", true, IpcType.UTF8)));
        IpcRecordBatch batch = new BatchMaker(compression)
                .node(1, 0)
                .bytes()
                .compressed(compressed(compression, new byte[8]), 8)
                .compressed(new byte[0], 0)
                .recordBatch(1);
        try (VectorBatch read = reader.read(batch)) {
            assertThat(read.root().getVector(0).getObject(0)).hasToString("");
        }
    }

    private void assertRefused(IpcCompression compression, byte[] frame, long declared, String message) {
        reader.read(schema(IpcField.of("n", true, IpcType.INT64)));
        assertThatThrownBy(() -> reader.read(bomb(compression, frame, declared)))
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED));
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    private static long[] longs() {
        long[] longs = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            longs[i] = i / 10;
        }
        return longs;
    }

    private static byte[] values() {
        ByteBuffer values = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        values.asLongBuffer().put(longs());
        return values.array();
    }

    private static byte[] compressed(IpcCompression compression, byte[] content) {
        return compression == IpcCompression.ZSTD ? Zstd.compress(content) : Lz4FrameReaderTest.frame(content);
    }
}
