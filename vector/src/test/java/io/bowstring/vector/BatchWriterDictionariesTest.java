package io.bowstring.vector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BatchWriterDictionariesTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    private static final ArrowType.Int INT32 = new ArrowType.Int(32, true);
    private static final DictionaryEncoding ENCODING = new DictionaryEncoding(7, false, INT32);

    private final BufferAllocator allocator = new NettyAllocationFactory(MEMORY).newRootAllocator(1 << 20);
    private final VarCharVector values = new VarCharVector("values", allocator);
    private final IntVector column =
            (IntVector) new Field("c", new FieldType(true, INT32, ENCODING), null).createVector(allocator);
    private final VectorSchemaRoot root = VectorSchemaRoot.of(column);
    private final WrittenStream stream = new WrittenStream();
    private final List<List<String>> expected = new ArrayList<>();
    private final DictionaryProvider provider =
            new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, ENCODING));
    private BatchWriter writer = new BatchWriter(root.getSchema(), provider, BatchWriterConfig.DEFAULTS, MEMORY);

    @AfterEach
    void close() {
        writer.close();
        root.close();
        values.close();
        allocator.close();
    }

    private void setValues(String... texts) {
        values.reset();
        for (int i = 0; i < texts.length; i++) {
            values.setSafe(i, texts[i].getBytes(UTF_8));
        }
        values.setValueCount(texts.length);
    }

    /** Writes a batch that refers to each value of the dictionary; returns what went in front of it: {@code full 3}. */
    private List<String> write() throws IOException {
        int rows = values.getValueCount();
        column.allocateNew(rows);
        for (int i = 0; i < rows; i++) {
            column.set(i, rows - 1 - i);
        }
        root.setRowCount(rows);
        expected.add(StockStream.texts(root, provider));
        List<String> dictionaries = new ArrayList<>();
        for (IpcMessage message : writer.consume(root, Map.of())) {
            if (message instanceof IpcDictionaryBatch dictionary) {
                assertThat(dictionary.id()).isEqualTo(7);
                dictionaries.add(describe(dictionary));
            }
            stream.add(message);
        }
        return dictionaries;
    }

    private static String describe(IpcDictionaryBatch dictionary) {
        return (dictionary.isDelta() ? "delta " : "full ")
                + dictionary.batchMetadata().rowCount();
    }

    private void assertIsRead() throws IOException {
        assertThat(StockStream.read(stream.end()).batches()).isEqualTo(expected);
    }

    @Test
    void writesWhatHasChanged() throws IOException {
        stream.add(writer.schema());

        setValues("a", "b");
        assertThat(write()).containsExactly("full 2");
        assertThat(write()).isEmpty();
        setValues("a", "b"); // the same once more
        assertThat(write()).isEmpty();
        setValues("a", "b", "c", "dd");
        assertThat(write()).containsExactly("delta 2");
        setValues("a", "b", "c", "dd", "");
        assertThat(write()).containsExactly("delta 1");
        setValues("a", "b", "c", "DD", "");
        assertThat(write()).containsExactly("full 5");
        setValues("a");
        assertThat(write()).containsExactly("full 1");
        setValues("b", "a");
        assertThat(write()).containsExactly("full 2");
        setValues();
        assertThat(write()).containsExactly("full 0");
        setValues("x");
        assertThat(write()).containsExactly("full 1");

        assertIsRead();
    }

    @Test
    void writesNoDeltasWhereNoneAreWanted() throws IOException {
        writer.close();
        writer = new BatchWriter(root.getSchema(), provider, BatchWriterConfig.DEFAULTS.withDeltas(false), MEMORY);
        stream.add(writer.schema());

        setValues("a", "b");
        assertThat(write()).containsExactly("full 2");
        setValues("a", "b", "c");
        assertThat(write()).containsExactly("full 3");
        assertThat(write()).isEmpty();

        assertIsRead();
    }

    @Test
    void copiesDictionaryOnceThatIsSent() throws IOException {
        setValues("x".repeat(5000), "b");
        column.setValueCount(0);
        List<IpcMessage> messages = writer.consume(root, Map.of());
        IpcMessage dictionary = messages.get(0);

        assertThat(writer.copiedBytes()).isEqualTo(1 + 12 + 5001); // validity, offsets, text
        setValues("y".repeat(5000), "b");
        assertThat(dictionary.body().toString(UTF_8)).contains("xxx").doesNotContain("yyy");
        messages.forEach(IpcMessage::release);
    }

    @Test
    void sendsDictionaryAgainThatCouldNotBeSent() throws IOException {
        boolean[] isBroken = {true};
        BatchUnloader unloader = new BatchUnloader(
                BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD),
                (bytes, memory) -> {
                    if (isBroken[0] && bytes.readableBytes() == 8) { // the column; the dictionary has 2 and 12
                        throw new IllegalStateException("for the test");
                    }
                    return null;
                },
                MEMORY);
        writer.close();
        writer = new BatchWriter(root.getSchema(), provider, BatchWriterConfig.DEFAULTS, MEMORY, unloader);
        stream.add(writer.schema());
        setValues("a", "b");
        long used = allocator.getAllocatedMemory();

        assertThatThrownBy(this::write).isInstanceOf(IllegalStateException.class);
        assertThat(allocator.getAllocatedMemory()).isEqualTo(used);
        expected.clear();
        isBroken[0] = false;
        assertThat(write()).containsExactly("full 2");
        setValues("a", "b", "c");
        assertThat(write()).containsExactly("delta 1");

        assertIsRead();
    }

    /** What stands in the place of a null is no value. */
    @Test
    void sendsNothingWhereBytesDifferAndValuesDoNot() throws IOException {
        setValues("a", "b", "c");
        values.setNull(1);
        assertThat(write()).containsExactly("full 3");

        setValues("a", "x", "c");
        values.setNull(1);
        assertThat(write()).isEmpty();
    }

    @Test
    void comparesNestedValues() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(9, false, INT32);
        Field list = new Field(
                "lists",
                FieldType.nullable(new ArrowType.List()),
                List.of(new Field("item", FieldType.nullable(INT32), null)));
        try (ListVector lists = (ListVector) list.createVector(allocator);
                IntVector indices =
                        (IntVector) new Field("l", new FieldType(true, INT32, encoding), null).createVector(allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(indices);
                BatchWriter lister = new BatchWriter(
                        batch.getSchema(),
                        new DictionaryProvider.MapDictionaryProvider(new Dictionary(lists, encoding)),
                        BatchWriterConfig.DEFAULTS,
                        MEMORY)) {
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1, 2}, {3}}))
                    .containsExactly("full 2");
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1, 2}, {3}}))
                    .isEmpty();
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1, 2}, {4}}))
                    .containsExactly("full 2");
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1, 2}, {4}, {}, {5, 6}}))
                    .containsExactly("delta 2");
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1}, {2, 4}, {}, {5, 6}}))
                    .containsExactly("full 4");
            assertThat(dictionariesAfter(lister, batch, lists, new int[][] {{1}, {2, 4}, {}, {5}}))
                    .containsExactly("full 4");
        }
    }

    private static List<String> dictionariesAfter(
            BatchWriter writer, VectorSchemaRoot batch, ListVector lists, int[][] values) {
        lists.clear();
        for (int i = 0; i < values.length; i++) {
            int start = lists.startNewValue(i);
            for (int j = 0; j < values[i].length; j++) {
                ((IntVector) lists.getDataVector()).setSafe(start + j, values[i][j]);
            }
            lists.endValue(i, values[i].length);
        }
        lists.setValueCount(values.length);
        List<String> dictionaries = new ArrayList<>();
        for (IpcMessage message : writer.consume(batch, Map.of())) {
            if (message instanceof IpcDictionaryBatch dictionary) {
                dictionaries.add(describe(dictionary));
            }
            message.release();
        }
        return dictionaries;
    }

    /** The values of a dictionary may have a dictionary of their own. */
    @Test
    void writesDictionariesOfDictionaries() throws IOException {
        DictionaryEncoding outer = new DictionaryEncoding(8, false, INT32);
        Field item = new Field("item", new FieldType(true, INT32, ENCODING), null);
        Field list = new Field("outer", FieldType.nullable(new ArrowType.FixedSizeList(1)), List.of(item));
        try (FixedSizeListVector lists = (FixedSizeListVector) list.createVector(allocator);
                IntVector nested =
                        (IntVector) new Field("n", new FieldType(true, INT32, outer), null).createVector(allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(nested)) {
            DictionaryProvider both = new DictionaryProvider.MapDictionaryProvider(
                    new Dictionary(values, ENCODING), new Dictionary(lists, outer));
            try (BatchWriter nestedWriter =
                    new BatchWriter(batch.getSchema(), both, BatchWriterConfig.DEFAULTS, MEMORY)) {
                stream.add(nestedWriter.schema());
                List<String> kinds = new ArrayList<>();
                for (int count = 1; count <= 2; count++) {
                    setValues(count == 1 ? new String[] {"a"} : new String[] {"a", "b"});
                    for (int i = 0; i < count; i++) {
                        lists.setNotNull(i);
                        ((IntVector) lists.getDataVector()).setSafe(i, i);
                        nested.setSafe(i, i);
                    }
                    lists.setValueCount(count);
                    batch.setRowCount(count);
                    expected.add(StockStream.texts(batch, both));
                    for (IpcMessage message : nestedWriter.consume(batch, Map.of())) {
                        kinds.add(
                                message instanceof IpcDictionaryBatch d
                                        ? d.id() + (d.isDelta() ? " delta" : "")
                                        : "batch");
                        stream.add(message);
                    }
                }
                // those inside first; what has dictionaries inside is never a delta, which readers lack
                assertThat(kinds).containsExactly("7", "8", "batch", "7 delta", "8", "batch");
            }
        }
        assertIsRead();
    }

    /** A reader may have put the values in the place of indices when the outer one came. */
    @Test
    void sendsADictionaryAgainWhereOneInsideHasChanged() throws IOException {
        DictionaryEncoding outer = new DictionaryEncoding(8, false, INT32);
        Field item = new Field("item", new FieldType(true, INT32, ENCODING), null);
        Field list = new Field("outer", FieldType.nullable(new ArrowType.FixedSizeList(1)), List.of(item));
        try (FixedSizeListVector lists = (FixedSizeListVector) list.createVector(allocator);
                IntVector nested =
                        (IntVector) new Field("n", new FieldType(true, INT32, outer), null).createVector(allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(column, nested)) { // what is inside comes first here
            lists.setNotNull(0);
            ((IntVector) lists.getDataVector()).setSafe(0, 0);
            lists.setValueCount(1);
            DictionaryProvider both = new DictionaryProvider.MapDictionaryProvider(
                    new Dictionary(values, ENCODING), new Dictionary(lists, outer));
            try (BatchWriter nestedWriter =
                    new BatchWriter(batch.getSchema(), both, BatchWriterConfig.DEFAULTS, MEMORY)) {
                stream.add(nestedWriter.schema());
                List<String> sent = new ArrayList<>();
                for (String text : List.of("a", "a", "b")) {
                    setValues(text);
                    column.setSafe(0, 0);
                    nested.setSafe(0, 0);
                    batch.setRowCount(1);
                    expected.add(StockStream.texts(batch, both));
                    for (IpcMessage message : nestedWriter.consume(batch, Map.of())) {
                        sent.add(message instanceof IpcDictionaryBatch d ? "" + d.id() : "batch");
                        stream.add(message);
                    }
                }
                assertThat(sent).containsExactly("7", "8", "batch", "batch", "7", "8", "batch");
            }
        }
        assertIsRead();
    }

    @Test
    void leavesNothingBehindWhereThereIsNoMemory() {
        setValues("x".repeat(5000), "b");
        long used = allocator.getAllocatedMemory();
        for (long room = 0; room < 5000; room += 500) {
            allocator.setLimit(used + room);

            assertThatThrownBy(() -> writer.consume(root, Map.of())).isInstanceOf(OutOfMemoryException.class);

            assertThat(allocator.getAllocatedMemory()).isEqualTo(used);
        }
        allocator.setLimit(used + 20_000);
        writer.consume(root, Map.of()).forEach(IpcMessage::release);
    }

    @Test
    void refusesDictionaryThatIsNotThereAnyMore() {
        DictionaryProvider.MapDictionaryProvider dictionaries =
                new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, ENCODING)) {
                    private int lookups;

                    @Override
                    public Dictionary lookup(long id) {
                        return lookups++ == 0 ? super.lookup(id) : null;
                    }
                };
        try (BatchWriter other = new BatchWriter(root.getSchema(), dictionaries, BatchWriterConfig.DEFAULTS, MEMORY)) {
            assertThatThrownBy(() -> other.consume(root, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("dictionary 7: absent (expected: as in the beginning)");
        }
    }
}
