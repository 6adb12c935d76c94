package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class ColumnSelectionTest {
    private static final IpcField NUMBER = IpcField.of("n", true, IpcType.INT64);
    private static final IpcField TEXT = IpcField.of("t", true, IpcType.UTF8);
    private static final IpcField UNREADABLE = IpcField.of("u", true, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));

    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void close() {
        allocator.close();
    }

    private BatchReader reader(ColumnSelection columns) {
        return new BatchReader(allocator, VectorConfig.DEFAULTS, columns);
    }

    private static IpcField encoded(String name, long id, IpcType type) {
        return new IpcField(name, true, type, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }

    /** Returns a batch of a number, an index, and a number, in each of two rows; owned. */
    private static IpcRecordBatch batch(int first, int index, int last) {
        return new BatchMaker()
                .node(2, 0)
                .bytes()
                .longs(first, first + 1)
                .node(2, 0)
                .bytes()
                .ints(index, 0)
                .node(2, 0)
                .bytes()
                .longs(last, last + 1)
                .recordBatch(2);
    }

    private static IpcDictionaryBatch numbers(long id, long... numbers) {
        return new BatchMaker().node(numbers.length, 0).bytes().longs(numbers).dictionary(id, false, numbers.length);
    }

    private static IpcSchema schema() {
        return BatchReaderTest.schema(NUMBER, encoded("d", 3, IpcType.INT64), IpcField.of("last", true, IpcType.INT64));
    }

    @Test
    void readsColumnsByNameInTheWantedOrder() {
        try (BatchReader reader = reader(ColumnSelection.named("last", "n"))) {
            reader.read(schema());
            IpcDictionaryBatch skipped = numbers(3, 7);

            assertThat(reader.read(skipped)).isNull();
            assertThat(skipped.refCnt()).isZero();
            try (VectorBatch batch = reader.read(batch(1, 99, 5))) { // the index leads nowhere, and is not read
                assertThat(Values.columns(batch.root(), batch.dictionaries()))
                        .containsExactly("last [5, 6]", "n [1, 2]");
                assertThat(batch.root().getSchema()).isEqualTo(reader.schema());
                assertThat(batch.dictionaries().getDictionaryIds()).isEmpty();
            }
        }
    }

    @Test
    void copiesColumnsThatStandApartAndLetsGoOfTheBody() {
        for (int last = 0; last < 2; last++) {
            String[] names = last == 0 ? new String[] {"n"} : new String[] {"n", "last"};
            try (BatchReader reader = reader(ColumnSelection.named(names))) {
                reader.read(schema());
                IpcRecordBatch message = batch(1, 9, 5);
                try (VectorBatch batch = reader.read(message)) {
                    assertThat(batch.rowCount()).isEqualTo(2);
                    assertThat(message.refCnt()).isEqualTo(last == 0 ? 1 : 0);
                    assertThat(reader.copiedBytes() > 0).isEqualTo(last == 1);
                }
            }
        }
    }

    @Test
    void readsTheDictionariesOfSelectedColumns() {
        try (BatchReader reader = reader(ColumnSelection.named("d"))) {
            reader.read(
                    BatchReaderTest.schema(encoded("other", 4, IpcType.INT64), encoded("d", 3, IpcType.INT64), NUMBER));
            reader.read(numbers(4, 1, 2, 3));
            reader.read(numbers(3, 7, 8));
            IpcRecordBatch message = new BatchMaker()
                    .node(1, 0)
                    .bytes()
                    .ints(2)
                    .node(1, 0)
                    .bytes()
                    .ints(1)
                    .node(1, 0)
                    .bytes()
                    .longs(0)
                    .recordBatch(1);
            try (VectorBatch batch = reader.read(message)) {
                assertThat(batch.dictionaries().getDictionaryIds()).containsExactly(3L);
                assertThat(Values.columns(batch.root(), batch.dictionaries())).containsExactly("d [8]");
            }
            assertThat(message.refCnt()).isZero();
        }
    }

    @Test
    void readsRowsWithoutColumns() {
        try (BatchReader reader = reader(ColumnSelection.named())) {
            reader.read(schema());
            try (VectorBatch batch = reader.read(batch(1, 0, 5))) {
                assertThat(batch.rowCount()).isEqualTo(2);
                assertThat(batch.root().getFieldVectors()).isEmpty();
            }
            assertThat(allocator.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void leavesBatchesWholeWhereAllColumnsAreSelected() {
        try (BatchReader reader = reader(schema -> IpcSelection.of(schema, List.of(0, 1, 2)))) {
            reader.read(schema());
            reader.read(numbers(3, 7));
            IpcRecordBatch message = batch(1, 0, 5);
            try (VectorBatch batch = reader.read(message)) {
                assertThat(message.refCnt()).isOne();
                assertThat(Values.columns(batch.root(), batch.dictionaries()))
                        .containsExactly("n [1, 2]", "d [7, 7]", "last [5, 6]");
            }
        }
    }

    @Test
    void passesOverTypesThatArrowJavaDoesNotHave() {
        try (BatchReader reader = reader(ColumnSelection.named("n"))) {
            reader.read(BatchReaderTest.schema(UNREADABLE, NUMBER));
            IpcRecordBatch message = new BatchMaker()
                    .node(1, 0)
                    .bytes()
                    .bytes()
                    .node(1, 0)
                    .bytes()
                    .longs(5)
                    .recordBatch(1);
            try (VectorBatch batch = reader.read(message)) {
                assertThat(Values.columns(batch.root(), batch.dictionaries())).containsExactly("n [5]");
            }
        }
    }

    @Test
    void selectsAgainInEachStream() {
        try (BatchReader reader = reader(ColumnSelection.named("n"))) {
            reader.read(BatchReaderTest.schema(TEXT, NUMBER));
            reader.read(IpcEndOfStream.INSTANCE);
            reader.read(BatchReaderTest.schema(NUMBER, TEXT));
            IpcRecordBatch message = new BatchMaker()
                    .node(1, 0)
                    .bytes()
                    .longs(5)
                    .node(1, 0)
                    .bytes()
                    .ints(0, 0)
                    .bytes()
                    .recordBatch(1);
            try (VectorBatch batch = reader.read(message)) {
                assertThat(Values.columns(batch.root(), batch.dictionaries())).containsExactly("n [5]");
            }
        }
    }

    @Test
    void refusesNamesThatASchemaDoesNotHaveOrHasTwice() {
        assertRefused(ColumnSelection.named("x"), schema(), "column x: 0 in the schema (expected: 1)");
        assertRefused(
                ColumnSelection.named("n"),
                BatchReaderTest.schema(NUMBER, NUMBER),
                "column n: 2 in the schema (expected: 1)");
    }

    @Test
    void refusesSelectionsFromOtherSchemas() {
        IpcSchema other = BatchReaderTest.schema(NUMBER, NUMBER, TEXT, NUMBER);
        IpcSelection third = IpcSelection.of(other, List.of(2));
        IpcSelection fourth = IpcSelection.of(other, List.of(3));
        IpcSelection first = IpcSelection.of(other, List.of(0));
        other.release();
        IpcSchema shorter = BatchReaderTest.schema(NUMBER);
        IpcSelection allOfShorter = IpcSelection.of(shorter, List.of(0));
        shorter.release();

        assertRefused(whole -> third, schema(), "fields: 3 (expected: 4)");
        assertRefused(whole -> fourth, schema(), "fields: 3 (expected: 4)");
        assertRefused(whole -> first, schema(), "fields: 3 (expected: 4)");
        assertRefused(whole -> allOfShorter, schema(), "fields: 3 (expected: 1)");
    }

    /** The batch that the other schema has would be cut elsewhere. */
    @Test
    void refusesSelectionsWhereOtherFieldsDiffer() {
        IpcSchema other = BatchReaderTest.schema(NUMBER, NUMBER, IpcField.of("last", true, IpcType.INT64));
        IpcSelection last = IpcSelection.of(other, List.of(2));
        other.release();

        assertRefused(
                whole -> last,
                schema(),
                "field 1: d: dictionary<int32, int64> (expected: n: int64, of the schema that was selected from)");
    }

    @Test
    void refusesSelectionsOfAllOfAnotherSchema() {
        IpcSchema other = BatchReaderTest.schema(TEXT, NUMBER, NUMBER);
        IpcSelection all = IpcSelection.of(other, List.of(0, 1, 2));
        other.release();

        assertRefused(
                whole -> all, schema(), "field 0: n: int64 (expected: t: utf8, of the schema that was selected from)");
    }

    private void assertRefused(ColumnSelection columns, IpcSchema schema, String message) {
        try (BatchReader reader = reader(columns)) {
            assertThatThrownBy(() -> reader.read(schema))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThat(schema.refCnt()).isZero();
            IpcMessage next = batch(1, 0, 2);
            assertThatThrownBy(() -> reader.read(next)).hasMessage(message);
            assertThat(next.refCnt()).isZero();
        }
    }

    @Test
    void refusesDictionariesThatTheSchemaDoesNotHave() {
        try (BatchReader reader = reader(ColumnSelection.named("n"))) {
            reader.read(schema());

            assertThatThrownBy(() -> reader.read(numbers(5, 1)))
                    .isInstanceOf(IpcException.class)
                    .hasMessage("dictionary id: 5 (expected: an id in the schema)");
        }
    }

    @Test
    void refusesBatchesOfOtherSchemas() {
        try (BatchReader reader = reader(ColumnSelection.named("n"))) {
            reader.read(schema());
            IpcRecordBatch other = new BatchMaker().node(1, 0).bytes().longs(5).recordBatch(1);

            assertThatThrownBy(() -> reader.read(other))
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED));
            assertThat(other.refCnt()).isZero();
        }
    }

    @Test
    void verifiesWhatIsSelected() {
        try (BatchReader reader = reader(ColumnSelection.named("n"))) {
            reader.read(BatchReaderTest.schema(NUMBER, TEXT));
            IpcRecordBatch tooShort = new BatchMaker()
                    .node(2, 0)
                    .bytes()
                    .longs(5)
                    .node(2, 0)
                    .bytes()
                    .ints(0, 0, 0)
                    .bytes()
                    .recordBatch(2);

            assertThatThrownBy(() -> reader.read(tooShort)).hasMessage("bytes of buffer 1: 8 (expected: >= 16)");
            assertThat(tooShort.refCnt()).isZero();
        }
    }
}
