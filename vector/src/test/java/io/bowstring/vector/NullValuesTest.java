package io.bowstring.vector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class NullValuesTest {
    private final BufferAllocator allocator = ForeignAllocations.newRootAllocator(Long.MAX_VALUE);

    @AfterEach
    void close() {
        allocator.close();
    }

    /** Returns the bytes of a buffer of the one column as it is written, with nulls zeroed or not. */
    private static byte[] written(FieldVector vector, int buffer, int bytes, boolean isZeroed) {
        VectorSchemaRoot root = VectorSchemaRoot.of(vector);
        root.setRowCount(vector.getValueCount());
        try (BatchWriter writer = new BatchWriter(
                root.getSchema(),
                new DictionaryProvider.MapDictionaryProvider(),
                BatchWriterConfig.DEFAULTS.withZeroedNulls(isZeroed),
                PooledByteBufAllocator.DEFAULT)) {
            IpcMessage batch = writer.copy(root, Map.of()).get(0);
            ByteBuf written = ((IpcRecordBatch) batch).buffer(buffer, bytes);
            byte[] copy = ByteBufUtil.getBytes(written);
            batch.release();
            return copy;
        }
    }

    /** Makes a value null, which leaves what was there. */
    private static void hide(FieldVector vector, int index) {
        vector.getValidityBuffer().setByte(0, vector.getValidityBuffer().getByte(0) & ~(1 << index));
    }

    /** Chunks of 8 KiB, words, bytes, bits: a null may be the first or the last of each. */
    @Test
    void countsNullsWhereverTheyAre() {
        int rows = (2 * (8 << 10) + 64 + 8 + 1) * 8 + 1;
        try (ArrowBuf validity = allocator.buffer(rows / 8 + 1)) {
            validity.setOne(0, validity.capacity());
            assertThat(NullValues.count(validity, rows)).isZero();
            for (int chunk : new int[] {0, 8 << 10, 16 << 10, (16 << 10) + 64, (16 << 10) + 72, (16 << 10) + 73}) {
                for (int i = Math.max(0, 8 * chunk - 65); i < Math.min(rows, 8 * chunk + 65); i++) {
                    BitVectorHelper.unsetBit(validity, i);
                    assertThat(NullValues.count(validity, rows))
                            .as("null %d", i)
                            .isOne();
                    BitVectorHelper.unsetBit(validity, rows - 1);
                    assertThat(NullValues.count(validity, rows)).isEqualTo(i == rows - 1 ? 1 : 2);
                    BitVectorHelper.setBit(validity, rows - 1);
                    BitVectorHelper.setBit(validity, i);
                }
            }
            BitVectorHelper.unsetBit(validity, rows);
            assertThat(NullValues.count(validity, rows)).isZero(); // it is behind them
        }
    }

    @Test
    void zeroesValuesOfFixedWidth() {
        try (IntVector vector = new IntVector("v", allocator)) {
            vector.allocateNew(3);
            for (int i = 0; i < 3; i++) {
                vector.set(i, 0x01010101 * (i + 1));
            }
            vector.setValueCount(3);
            hide(vector, 1);

            assertThat(written(vector, 1, 12, false)).containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
            assertThat(written(vector, 1, 12, true)).containsExactly(1, 1, 1, 1, 0, 0, 0, 0, 3, 3, 3, 3);
            assertThat(vector.getDataBuffer().getInt(4)).isEqualTo(0x02020202); // others may see it
        }
    }

    @Test
    void zeroesBits() {
        try (BitVector vector = new BitVector("v", allocator)) {
            vector.allocateNew(10);
            for (int i = 0; i < 10; i++) {
                vector.set(i, 1);
            }
            vector.setValueCount(10);
            hide(vector, 2);

            assertThat(written(vector, 1, 2, false)).containsExactly(0xFF, 3);
            assertThat(written(vector, 1, 2, true)).containsExactly(0xFB, 3);
        }
    }

    @Test
    void zeroesText() {
        try (VarCharVector vector = new VarCharVector("v", allocator);
                LargeVarCharVector large = new LargeVarCharVector("v", allocator)) {
            for (int i = 0; i < 3; i++) {
                vector.setSafe(i, "abc".getBytes(UTF_8));
                large.setSafe(i, "abc".getBytes(UTF_8));
            }
            vector.setValueCount(3);
            large.setValueCount(3);
            hide(vector, 1);
            hide(large, 1);

            assertThat(written(vector, 2, 9, false)).asString(UTF_8).isEqualTo("abcabcabc");
            assertThat(written(vector, 2, 9, true)).asString(UTF_8).isEqualTo("abc\0\0\0abc");
            assertThat(written(large, 2, 9, true)).asString(UTF_8).isEqualTo("abc\0\0\0abc");
        }
    }

    @Test
    void zeroesViews() {
        try (ViewVarCharVector vector = new ViewVarCharVector("v", allocator)) {
            for (int i = 0; i < 3; i++) {
                vector.setSafe(i, "abc".getBytes(UTF_8));
            }
            vector.setValueCount(3);
            hide(vector, 1);

            byte[] zeroed = written(vector, 1, 48, true);
            assertThat(zeroed[0]).isEqualTo((byte) 3);
            assertThat(Arrays.copyOfRange(zeroed, 16, 32)).containsOnly(0);
            assertThat(zeroed[32]).isEqualTo((byte) 3);
            assertThat(written(vector, 1, 48, false)[16]).isEqualTo((byte) 3);
        }
    }

    /** What was received is others' too. */
    @Test
    void leavesReceivedMemoryAsItIs() {
        IpcRecordBatch message = new BatchMaker()
                .node(2, 1)
                .bytes(0b01)
                .ints(5, 7)
                .node(2, 1)
                .bytes(0b10)
                .ints(0, 1, 2)
                .bytes('a', 'b')
                .node(2, 1)
                .bytes(0b01)
                .bytes(0b11)
                .recordBatch(2);
        byte[] received = ByteBufUtil.getBytes(message.frame());
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(
                    IpcField.of("i", true, IpcType.INT32),
                    IpcField.of("s", true, IpcType.UTF8),
                    IpcField.of("b", true, IpcType.BOOL)));
            try (VectorBatch batch = reader.read(message.retain());
                    BatchWriter writer = new BatchWriter(
                            reader.schema(),
                            batch.dictionaries(),
                            BatchWriterConfig.DEFAULTS.withZeroedNulls(true),
                            PooledByteBufAllocator.DEFAULT)) {
                for (IpcMessage written : writer.consume(batch.root(), Map.of())) {
                    assertThat(ByteBufUtil.getBytes(((IpcRecordBatch) written).buffer(1, 8)))
                            .containsExactly(5, 0, 0, 0, 0, 0, 0, 0);
                    written.release();
                }
            }
        }
        assertThat(ByteBufUtil.getBytes(message.frame())).isEqualTo(received);
        message.release();
    }

    /** Its length is not cut to what fits 32 bits. */
    @Test
    void refusesBuffersOfMoreThan2GiB() {
        int rows = 4097; // of 1 MiB each: 4 GiB and one more
        ArrowBuf data = new ArrowBuf(ReferenceManager.NO_OP, null, (long) rows << 20, 8); // nothing is there
        try (FixedSizeBinaryVector vector = new FixedSizeBinaryVector("v", allocator, 1 << 20);
                ArrowBuf validity = allocator.buffer(1 + rows / 8)) {
            validity.setZero(0, validity.capacity());
            vector.loadFieldBuffers(new ArrowFieldNode(rows, rows), List.of(validity, data));

            for (boolean isZeroed : new boolean[] {false, true}) {
                assertThatThrownBy(() -> written(vector, 1, 0, isZeroed))
                        .isInstanceOf(CapacityException.class)
                        .hasMessage("bytes of a buffer: 4296015872 (expected: <= 2147483647)");
            }
        }
    }
}
