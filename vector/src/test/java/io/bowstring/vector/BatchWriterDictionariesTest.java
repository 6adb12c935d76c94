package io.bowstring.vector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BatchWriterDictionariesTest {
    private final EncodedTexts texts = new EncodedTexts();
    private final IntVector column =
            (IntVector) new Field("c", new FieldType(true, EncodedTexts.INT32, EncodedTexts.ENCODING), null)
                    .createVector(texts.allocator);
    private final VectorSchemaRoot root = VectorSchemaRoot.of(column);
    private final DictionaryProvider provider =
            new DictionaryProvider.MapDictionaryProvider(new Dictionary(texts.values, EncodedTexts.ENCODING));
    private BatchWriter writer =
            new BatchWriter(root.getSchema(), provider, BatchWriterConfig.DEFAULTS, EncodedTexts.MEMORY);

    @AfterEach
    void close() {
        writer.close();
        root.close();
        texts.close();
    }

    /** Writes a batch that refers to each value of the dictionary; returns what went in front of it: {@code full 3}. */
    private List<String> write() throws IOException {
        int rows = texts.values.getValueCount();
        column.allocateNew(rows);
        for (int i = 0; i < rows; i++) {
            column.set(i, rows - 1 - i);
        }
        root.setRowCount(rows);
        texts.expected.add(StockStream.texts(root, provider));
        List<String> dictionaries = new ArrayList<>();
        for (IpcMessage message : writer.consume(root, Map.of())) {
            if (message instanceof IpcDictionaryBatch dictionary) {
                assertThat(dictionary.id()).isEqualTo(7);
                dictionaries.add(EncodedTexts.describe(dictionary));
            }
            texts.stream.add(message);
        }
        return dictionaries;
    }

    @Test
    void writesWhatHasChanged() throws IOException {
        texts.stream.add(writer.schema());

        texts.set("a", "b");
        assertThat(write()).containsExactly("full 2");
        assertThat(write()).isEmpty();
        texts.set("a", "b"); // the same once more
        assertThat(write()).isEmpty();
        texts.set("a", "b", "c", "dd");
        assertThat(write()).containsExactly("delta 2");
        texts.set("a", "b", "c", "dd", "");
        assertThat(write()).containsExactly("delta 1");
        texts.set("a", "b", "c", "DD", "");
        assertThat(write()).containsExactly("full 5");
        texts.set("a");
        assertThat(write()).containsExactly("full 1");
        texts.set("b", "a");
        assertThat(write()).containsExactly("full 2");
        texts.set();
        assertThat(write()).containsExactly("full 0");
        texts.set("x");
        assertThat(write()).containsExactly("full 1");

        texts.assertIsRead();
    }

    @Test
    void writesNoDeltasWhereNoneAreWanted() throws IOException {
        writer.close();
        writer = new BatchWriter(
                root.getSchema(), provider, BatchWriterConfig.DEFAULTS.withDeltas(false), EncodedTexts.MEMORY);
        texts.stream.add(writer.schema());

        texts.set("a", "b");
        assertThat(write()).containsExactly("full 2");
        texts.set("a", "b", "c");
        assertThat(write()).containsExactly("full 3");
        assertThat(write()).isEmpty();

        texts.assertIsRead();
    }

    @Test
    void copiesDictionaryOnceThatIsSent() throws IOException {
        texts.set("x".repeat(5000), "b");
        column.setValueCount(0);
        List<IpcMessage> messages = writer.consume(root, Map.of());
        IpcMessage dictionary = messages.get(0);

        assertThat(writer.copiedBytes()).isEqualTo(1 + 12 + 5001); // validity, offsets, text
        texts.set("y".repeat(5000), "b");
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
                EncodedTexts.MEMORY);
        writer.close();
        writer = new BatchWriter(root.getSchema(), provider, BatchWriterConfig.DEFAULTS, EncodedTexts.MEMORY, unloader);
        texts.stream.add(writer.schema());
        texts.set("a", "b");
        long used = texts.allocator.getAllocatedMemory();

        assertThatThrownBy(this::write).isInstanceOf(IllegalStateException.class);
        assertThat(texts.allocator.getAllocatedMemory()).isEqualTo(used);
        texts.expected.clear();
        isBroken[0] = false;
        assertThat(write()).containsExactly("full 2");
        texts.set("a", "b", "c");
        assertThat(write()).containsExactly("delta 1");

        texts.assertIsRead();
    }

    /** What stands in the place of a null is no value. */
    @Test
    void sendsNothingWhereBytesDifferAndValuesDoNot() throws IOException {
        texts.set("a", "b", "c");
        texts.values.setNull(1);
        assertThat(write()).containsExactly("full 3");

        texts.set("a", "x", "c");
        texts.values.setNull(1);
        assertThat(write()).isEmpty();
    }

    @Test
    void leavesNothingBehindWhereThereIsNoMemory() {
        texts.set("x".repeat(5000), "b");
        long used = texts.allocator.getAllocatedMemory();
        for (long room = 0; room < 5000; room += 500) {
            texts.allocator.setLimit(used + room);

            assertThatThrownBy(() -> writer.consume(root, Map.of())).isInstanceOf(OutOfMemoryException.class);

            assertThat(texts.allocator.getAllocatedMemory()).isEqualTo(used);
        }
        texts.allocator.setLimit(used + 20_000);
        writer.consume(root, Map.of()).forEach(IpcMessage::release);
    }

    @Test
    void refusesDictionaryThatIsNotThereAnyMore() {
        DictionaryProvider.MapDictionaryProvider dictionaries =
                new DictionaryProvider.MapDictionaryProvider(new Dictionary(texts.values, EncodedTexts.ENCODING)) {
                    private int lookups;

                    @Override
                    public Dictionary lookup(long id) {
                        return lookups++ == 0 ? super.lookup(id) : null;
                    }
                };
        try (BatchWriter other =
                new BatchWriter(root.getSchema(), dictionaries, BatchWriterConfig.DEFAULTS, EncodedTexts.MEMORY)) {
            assertThatThrownBy(() -> other.consume(root, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("dictionary 7: absent (expected: as in the beginning)");
        }
    }
}
