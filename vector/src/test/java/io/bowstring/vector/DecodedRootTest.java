package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class DecodedRootTest {
    private static final Set<String> NOT_DECODED = Set.of("sparse", "dense", "runs");
    private static final int VALUES = 20;

    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    static List<Field> fields() {
        return SampleVectors.FIELDS.stream()
                .filter(field -> !NOT_DECODED.contains(field.getName()))
                .toList();
    }

    static IpcField encoded(IpcType type, IpcType index) {
        return new IpcField("d", true, type, new IpcDictionaryEncoding(0, index, false), List.of());
    }

    private static IpcDictionaryBatch numbers(long... numbers) {
        return new BatchMaker()
                .node(numbers.length, 1)
                .bytes(0b101)
                .longs(numbers)
                .dictionary(0, false, numbers.length);
    }

    /** Returns the texts of values at positions, null where there is none. */
    private static List<String> expected(FieldVector values, int[] positions) {
        List<String> texts = new ArrayList<>();
        for (int position : positions) {
            texts.add(position < 0 || values.isNull(position) ? "null" : text(values.getObject(position)));
        }
        return texts;
    }

    private static String text(Object value) {
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }

    @ParameterizedTest
    @MethodSource("fields")
    void decodesEveryTypeButUnionsAndRuns(Field field) {
        DictionaryEncoding encoding = new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
        int[] positions = {3, -1, 0, 3, 19, 7, -1, 7, 7, 12, 1};
        try (FieldVector values = new Field("values", FieldType.nullable(field.getType()), field.getChildren())
                        .createVector(allocator);
                IntVector indices = new IntVector(
                        "d", new FieldType(true, encoding.getIndexType(), encoding, Map.of("k", "v")), allocator)) {
            new SampleVectors(1).fill(values, VALUES);
            for (int i = 0; i < positions.length; i++) {
                if (positions[i] >= 0) {
                    indices.setSafe(i, positions[i]);
                }
            }
            indices.setValueCount(positions.length);
            List<String> expected = expected(values, positions);
            DictionaryProvider dictionaries =
                    new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, encoding));
            try (VectorBatch batch = written(indices, dictionaries)) {
                assertDecoded(batch, field, expected);
            }
        }
    }

    private static void assertDecoded(VectorBatch batch, Field field, List<String> expected) {
        try (VectorSchemaRoot decoded = batch.newDecodedRoot()) {
            batch.close();
            FieldVector column = decoded.getVector(0);
            assertThat(expected(column, IntStream.range(0, expected.size()).toArray()))
                    .isEqualTo(expected);
            assertThat(decoded.getRowCount()).isEqualTo(expected.size());
            Field decodedField = decoded.getSchema().getFields().get(0);
            assertThat(decodedField.getName()).isEqualTo("d");
            assertThat(decodedField.getType()).isEqualTo(field.getType());
            assertThat(decodedField.getMetadata()).containsEntry("k", "v");
            assertThat(decodedField.getDictionary()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "dense", "runs"})
    void refusesUnionsAndRuns(String name) {
        Field field = SampleVectors.field(name);
        try (FieldVector values = field.createVector(allocator);
                FieldVector target = field.createVector(allocator)) {
            new SampleVectors(1).fill(values, VALUES);

            assertThatThrownBy(() -> new VectorGather(1 << 20).gather(values, new int[] {0}, target))
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                    .hasMessageStartingWith("values of a dictionary: ");
        }
    }

    /** Returns a batch that a reader has made of vectors, borrowed; owned. */
    private VectorBatch written(FieldVector indices, DictionaryProvider dictionaries) {
        try (VectorSchemaRoot root = new VectorSchemaRoot(List.of(indices));
                BatchWriter writer = new BatchWriter(
                        root.getSchema(), dictionaries, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT);
                BatchReader reader = new BatchReader(allocator)) {
            root.setRowCount(indices.getValueCount());
            reader.read(writer.schema());
            VectorBatch batch = null;
            for (IpcMessage message : writer.copy(root, Map.of())) {
                batch = reader.read(message);
            }
            return batch;
        }
    }

    static void assertRefused(VectorBatch batch, IpcErrorCode code, String message) {
        assertThatThrownBy(batch::newDecodedRoot)
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64})
    void decodesIndicesOfEveryWidth(int bits) {
        for (int sign = 0; sign < 2; sign++) {
            try (BatchReader reader = new BatchReader(allocator)) {
                reader.read(BatchReaderTest.schema(encoded(IpcType.INT64, IpcType.of(IpcTypeId.INT, bits, sign))));
                reader.read(numbers(7, 8, 9));
                BatchMaker maker = new BatchMaker().node(4, 1).bytes(0b1101);
                IpcRecordBatch message = switch (bits) {
                    case 8 -> maker.bytes(2, 99, 1, 0).recordBatch(4);
                    case 16 -> maker.shorts(2, 99, 1, 0).recordBatch(4);
                    case 32 -> maker.ints(2, 99, 1, 0).recordBatch(4);
                    default -> maker.longs(2, 99, 1, 0).recordBatch(4);
                };
                try (VectorBatch batch = reader.read(message);
                        VectorSchemaRoot decoded = batch.newDecodedRoot()) {
                    assertThat(Values.columns(decoded, batch.dictionaries())).containsExactly("d [9, null, null, 7]");
                    assertThat(decoded.getVector(0).getNullCount()).isEqualTo(2);
                }
            }
        }
    }

    @Test
    void sharesOtherColumnsAndLivesWithoutBatchAndReader() {
        BatchReader reader = new BatchReader(allocator);
        reader.read(
                BatchReaderTest.schema(IpcField.of("n", true, IpcType.INT64), encoded(IpcType.INT64, IpcType.INT32)));
        IpcDictionaryBatch dictionary = numbers(7, 8, 9);
        reader.read(dictionary);
        IpcRecordBatch message = new BatchMaker()
                .node(2, 0)
                .bytes()
                .longs(1, 2)
                .node(2, 0)
                .bytes()
                .ints(0, 2)
                .recordBatch(2);
        VectorBatch batch = reader.read(message);
        try (VectorSchemaRoot decoded = batch.newDecodedRoot()) {
            long address = batch.root().getVector(0).getDataBufferAddress();
            assertThat(decoded.getVector(0).getDataBufferAddress()).isEqualTo(address);
            batch.close();
            reader.close();
            assertThat(dictionary.refCnt()).isZero();
            assertThat(message.refCnt()).isOne();
            assertThat(Values.columns(decoded, new DictionaryProvider.MapDictionaryProvider()))
                    .containsExactly("n [1, 2]", "d [7, 9]");
        }
        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(batch::newDecodedRoot).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void decodesNoRows() {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(encoded(IpcType.UTF8, IpcType.INT32)));
            try (VectorBatch batch = reader.read(
                            new BatchMaker().node(0, 0).bytes().bytes().recordBatch(0));
                    VectorSchemaRoot decoded = batch.newDecodedRoot()) {
                assertThat(Values.columns(decoded, batch.dictionaries())).containsExactly("d []");
            }
        }
    }

    @Test
    void refusesIndicesThatNobodyHasChecked() {
        for (int index : new int[] {3, -1}) {
            try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withValueChecks(false))) {
                reader.read(BatchReaderTest.schema(encoded(IpcType.INT64, IpcType.INT32)));
                reader.read(numbers(7, 8, 9));
                try (VectorBatch batch = reader.read(
                        new BatchMaker().node(2, 0).bytes().ints(0, index).recordBatch(2))) {
                    assertRefused(
                            batch,
                            IpcErrorCode.MALFORMED,
                            "index of column d, row 1: " + index
                                    + " (expected: 0 or more, less than 3, the size of its dictionary)");
                }
            }
        }
    }
}
