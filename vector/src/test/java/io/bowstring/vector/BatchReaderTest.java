package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class BatchReaderTest {
    private static final IpcField NUMBER = IpcField.of("n", true, IpcType.INT64);
    private static final IpcField NO_WIDTH = IpcField.of("d", true, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));
    private static final IpcField TEXT = IpcField.of("t", true, IpcType.UTF8);

    /** What a reader has for what is left out, from the first use on. */
    private static final long MISSING_BYTES = 8 + 1024;

    private final BufferAllocator allocator = new RootAllocator(4_000);
    private final BatchReader reader = new BatchReader(allocator);

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    @Test
    void readsRowsAndMetadataOfBatches() {
        reader.read(schema(NUMBER, TEXT));
        IpcRecordBatch message = new BatchMaker()
                .node(2, 0)
                .bytes()
                .longs(5, -7)
                .node(2, 1)
                .bytes(0b01)
                .ints(0, 2, 2)
                .bytes('a', 'b')
                .recordBatch(2, Map.of("bowstring.offset", "17"));
        try (VectorBatch batch = reader.read(message)) {
            assertThat(batch.rowCount()).isEqualTo(2);
            assertThat(batch.root().getRowCount()).isEqualTo(2);
            assertThat(batch.customMetadata()).containsExactly(Map.entry("bowstring.offset", "17"));
            BigIntVector numbers = (BigIntVector) batch.root().getVector("n");
            assertThat(numbers.get(0)).isEqualTo(5);
            assertThat(numbers.get(1)).isEqualTo(-7);
            assertThat(numbers.getNullCount()).isZero();
            VarCharVector texts = (VarCharVector) batch.root().getVector("t");
            assertThat(texts.getObject(0)).hasToString("ab");
            assertThat(texts.isNull(1)).isTrue();
            assertThat(batch.root().getSchema()).isEqualTo(reader.schema());
            assertThat(batch.dictionaries().getDictionaryIds()).isEmpty();
        }
    }

    @Test
    void refusesToChangeTheRowsOfABatch() {
        NettyAllocationFactory memory =
                new NettyAllocationFactory(ByteBufAllocator.DEFAULT); // for the slice, on any JVM
        try (BufferAllocator own = memory.newRootAllocator(4_000);
                BatchReader other = new BatchReader(own)) {
            other.read(schema(NUMBER));
            refusesToChangeTheRowsOf(other.read(numbers(5, -7)));
        }
    }

    /** The batch is consumed. */
    private static void refusesToChangeTheRowsOf(VectorBatch received) {
        try (VectorBatch batch = received) {
            VectorSchemaRoot root = batch.root();
            assertThatThrownBy(() -> root.setRowCount(1))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("root: of a received batch, which others may have too (expected: vectors of your own)");
            assertThatThrownBy(root::allocateNew).isInstanceOf(UnsupportedOperationException.class);

            assertThat(root.contentToTSVString()).isEqualTo("n\n5\n-7\n");
            try (VectorSchemaRoot slice = root.slice(1, 1)) {
                assertThat(slice.contentToTSVString()).isEqualTo("n\n-7\n");
            }
        }
    }

    @Test
    void accountsBodiesAndWhatIsLeftOutOfThem() {
        reader.read(schema(NUMBER));
        try (VectorBatch batch = reader.read(numbers(1, 2, 3))) {
            assertThat(allocator.getAllocatedMemory()).isEqualTo(24 + MISSING_BYTES);
            VectorBatch other = reader.read(numbers(1));
            assertThat(allocator.getAllocatedMemory()).isEqualTo(24 + 8 + MISSING_BYTES);
            other.close();
            other.close();
            assertThat(allocator.getAllocatedMemory()).isEqualTo(24 + MISSING_BYTES);
            reader.close();
            assertThat(((BigIntVector) batch.root().getVector(0)).get(2)).isEqualTo(3);
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    @Test
    void sharesOneValidityOfValuesThatAreNeverNull() {
        reader.read(schema(NUMBER));
        try (VectorBatch small = reader.read(numbers(1));
                VectorBatch same = reader.read(numbers(1, 2));
                VectorBatch large = reader.read(rows(100))) {
            assertThat(validityAddress(same)).isEqualTo(validityAddress(small));
            assertThat(large.root().getVector(0).getNullCount()).isZero();
        }
    }

    @Test
    void growsTheSharedValidity() {
        try (BufferAllocator large = new RootAllocator();
                BatchReader wide = new BatchReader(large)) {
            wide.read(schema(NUMBER));
            try (VectorBatch small = wide.read(numbers(1));
                    VectorBatch batch = wide.read(rows(100_000))) {
                assertThat(validityAddress(batch)).isNotEqualTo(validityAddress(small));
                assertThat(batch.root().getVector(0).getNullCount()).isZero();
                assertThat(small.root().getVector(0).getNullCount()).isZero();
            }
        }
    }

    private static long validityAddress(VectorBatch batch) {
        return batch.root().getVector(0).getValidityBuffer().memoryAddress();
    }

    @Test
    void keepsBatchesOpenUntilAnyThreadClosesThem() throws Exception {
        reader.read(schema(NUMBER));
        IpcRecordBatch message = numbers(42);
        VectorBatch batch = reader.read(message);
        reader.close();

        CompletableFuture.runAsync(() -> {
                    assertThat(((BigIntVector) batch.root().getVector(0)).get(0))
                            .isEqualTo(42);
                    assertThat(message.refCnt()).isOne();
                    batch.close();
                })
                .get();

        assertThat(message.refCnt()).isZero();
    }

    @Test
    void readsOneStreamAfterAnother() {
        assertThat(reader.isInStream()).isFalse();
        assertThatThrownBy(reader::schema).isInstanceOf(IllegalStateException.class);
        assertThat(reader.read(schema(NUMBER))).isNull();
        assertThat(reader.isInStream()).isTrue();
        assertThat(reader.read(IpcEndOfStream.INSTANCE)).isNull();
        assertThat(reader.isInStream()).isFalse();
        assertThat(reader.schema().getFields()).hasSize(1);
        reader.read(schema(NUMBER, TEXT));
        assertThat(reader.schema().getFields()).hasSize(2);
    }

    @Test
    void refusesMessagesOutOfOrderAndAllThatFollow() {
        assertRefused(numbers(1), IpcErrorCode.OUT_OF_ORDER, "message: RECORD_BATCH (expected: a schema)");
        assertRefused(schema(NUMBER), IpcErrorCode.OUT_OF_ORDER, "message: RECORD_BATCH (expected: a schema)");
    }

    @Test
    void refusesSecondSchema() {
        reader.read(schema(NUMBER));

        assertRefused(schema(NUMBER), IpcErrorCode.OUT_OF_ORDER, "message: SCHEMA (expected: a batch)");
    }

    @Test
    void refusesBatchThatDoesNotFitItsSchema() {
        reader.read(schema(NUMBER));
        IpcRecordBatch tooShort = new BatchMaker().node(2, 0).bytes().longs(1).recordBatch(2);

        assertRefused(tooShort, IpcErrorCode.MALFORMED, "bytes of buffer 1: 8 (expected: >= 16)");
    }

    @Test
    void refusesTypesThatArrowJavaDoesNotHave() {
        assertRefused(
                schema(NUMBER, NO_WIDTH),
                IpcErrorCode.UNSUPPORTED,
                "field: d: fixed_size_binary[0] (expected: what arrow-java has: values of at least a byte)");
    }

    @Test
    void saysWhichFieldsCannotBeRead() {
        IpcField two = new IpcField(
                "s", true, IpcType.of(IpcTypeId.STRUCT), null, List.of(NUMBER, IpcField.of("n", true, IpcType.UTF8)));
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(0, IpcType.INT32, false);
        IpcField encoded = new IpcField("e", true, NO_WIDTH.type(), encoding, List.of());
        IpcSchema message = schema(NUMBER, two, NUMBER, encoded);

        Map<Integer, IpcException> reasons = BatchReader.unreadableFields(message, allocator);

        message.release();
        assertThat(reasons.keySet()).containsExactly(1, 3);
        assertThat(reasons.get(1)).hasMessageContaining("children of different names");
        assertThat(reasons.values()).extracting(IpcException::code).containsOnly(IpcErrorCode.UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({"32, 9", "64, 18"})
    void readsDecimalsOf32And64BitsAsOf128(int bits, int precision) {
        reader.read(schema(IpcField.of("d", true, IpcType.of(IpcTypeId.DECIMAL, precision, 2, bits))));
        long[] values = {1234, -1, 0, bits == 32 ? Integer.MIN_VALUE : Long.MIN_VALUE};
        BatchMaker maker = new BatchMaker().node(values.length, 0).bytes();
        IpcRecordBatch message = bits == 64
                ? maker.longs(values).recordBatch(values.length)
                : maker.ints(LongStream.of(values).mapToInt(i -> (int) i).toArray())
                        .recordBatch(values.length);

        try (VectorBatch batch = reader.read(message)) {
            DecimalVector decimals = (DecimalVector) batch.root().getVector(0);
            for (int i = 0; i < values.length; i++) {
                assertThat(decimals.getObject(i)).isEqualTo(BigDecimal.valueOf(values[i], 2));
            }
        }
    }

    @Test
    void readsDecimalsThatStandInADictionary() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(0, IpcType.INT32, false);
        IpcType narrow = IpcType.of(IpcTypeId.DECIMAL, 9, 2, 32);
        reader.read(schema(new IpcField("d", true, narrow, encoding, List.of())));
        reader.read(new BatchMaker().node(2, 0).bytes().ints(5, -7).dictionary(0, false, 2));

        try (VectorBatch batch =
                reader.read(new BatchMaker().node(1, 0).bytes().ints(1).recordBatch(1))) {
            assertThat(batch.dictionaries().lookup(0).getVector().getObject(1)).isEqualTo(BigDecimal.valueOf(-7, 2));
        }
    }

    @Test
    void goesOnAfterABatchForWhichThereIsNoMemory() {
        reader.read(schema(NUMBER));
        IpcRecordBatch large = rows(1_000);

        assertThatThrownBy(() -> reader.read(large)).isInstanceOf(OutOfMemoryException.class);

        assertThat(large.refCnt()).isZero();
        try (VectorBatch batch = reader.read(numbers(1))) {
            assertThat(batch.rowCount()).isOne();
        }
    }

    @Test
    void leaksNothingWhereThereIsNoMemoryForWhatIsLeftOut() {
        reader.read(schema(NUMBER));
        IpcRecordBatch almostAll = rows(490);

        assertThatThrownBy(() -> reader.read(almostAll)).isInstanceOf(OutOfMemoryException.class);

        assertThat(allocator.getAllocatedMemory()).isZero();
        assertThat(almostAll.refCnt()).isZero();
    }

    private void assertRefused(IpcMessage message, IpcErrorCode code, String text) {
        assertThatThrownBy(() -> reader.read(message))
                .hasMessage(text)
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(message.refCnt()).isZero();
        assertThat(allocator.getAllocatedMemory()).isZero();
        assertThatThrownBy(() -> reader.read(numbers(1))).hasMessage(text);
    }

    static IpcSchema schema(IpcField... fields) {
        return IpcSchema.of(List.of(fields), Map.of(), UnpooledByteBufAllocator.DEFAULT);
    }

    private static IpcRecordBatch numbers(long... numbers) {
        return new BatchMaker().node(numbers.length, 0).bytes().longs(numbers).recordBatch(numbers.length);
    }

    private static IpcRecordBatch rows(int rows) {
        return new BatchMaker().node(rows, 0).bytes().zeroes(8 * rows).recordBatch(rows);
    }
}
