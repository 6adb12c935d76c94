package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.IntVector;
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

/** Dictionaries whose values are nested, or have dictionaries of their own. */
@ExtendWith(LeakDetection.class)
class NestedDictionariesTest {
    private final EncodedTexts texts = new EncodedTexts();

    @AfterEach
    void close() {
        texts.close();
    }

    @Test
    void comparesNestedValues() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(9, false, EncodedTexts.INT32);
        Field list = new Field(
                "lists",
                FieldType.nullable(new ArrowType.List()),
                List.of(new Field("item", FieldType.nullable(EncodedTexts.INT32), null)));
        try (ListVector lists = (ListVector) list.createVector(texts.allocator);
                IntVector indices = (IntVector) new Field("l", new FieldType(true, EncodedTexts.INT32, encoding), null)
                        .createVector(texts.allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(indices);
                BatchWriter lister = new BatchWriter(
                        batch.getSchema(),
                        new DictionaryProvider.MapDictionaryProvider(new Dictionary(lists, encoding)),
                        BatchWriterConfig.DEFAULTS,
                        EncodedTexts.MEMORY)) {
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
                dictionaries.add(EncodedTexts.describe(dictionary));
            }
            message.release();
        }
        return dictionaries;
    }

    /** The values of a dictionary may have a dictionary of their own. */
    @Test
    void writesDictionariesOfDictionaries() throws IOException {
        DictionaryEncoding outer = new DictionaryEncoding(8, false, EncodedTexts.INT32);
        Field item = new Field("item", new FieldType(true, EncodedTexts.INT32, EncodedTexts.ENCODING), null);
        Field list = new Field("outer", FieldType.nullable(new ArrowType.FixedSizeList(1)), List.of(item));
        try (FixedSizeListVector lists = (FixedSizeListVector) list.createVector(texts.allocator);
                IntVector nested = (IntVector) new Field("n", new FieldType(true, EncodedTexts.INT32, outer), null)
                        .createVector(texts.allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(nested)) {
            DictionaryProvider both = new DictionaryProvider.MapDictionaryProvider(
                    new Dictionary(texts.values, EncodedTexts.ENCODING), new Dictionary(lists, outer));
            try (BatchWriter nestedWriter =
                    new BatchWriter(batch.getSchema(), both, BatchWriterConfig.DEFAULTS, EncodedTexts.MEMORY)) {
                texts.stream.add(nestedWriter.schema());
                List<String> kinds = new ArrayList<>();
                for (int count = 1; count <= 2; count++) {
                    texts.set(count == 1 ? new String[] {"a"} : new String[] {"a", "b"});
                    for (int i = 0; i < count; i++) {
                        lists.setNotNull(i);
                        ((IntVector) lists.getDataVector()).setSafe(i, i);
                        nested.setSafe(i, i);
                    }
                    lists.setValueCount(count);
                    batch.setRowCount(count);
                    texts.expected.add(StockStream.texts(batch, both));
                    for (IpcMessage message : nestedWriter.consume(batch, Map.of())) {
                        kinds.add(
                                message instanceof IpcDictionaryBatch d
                                        ? d.id() + (d.isDelta() ? " delta" : "")
                                        : "batch");
                        texts.stream.add(message);
                    }
                }
                // those inside first; what has dictionaries inside is never a delta, which readers lack
                assertThat(kinds).containsExactly("7", "8", "batch", "7 delta", "8", "batch");
            }
        }
        texts.assertIsRead();
    }

    /** A reader may have put the values in the place of indices when the outer one came. */
    @Test
    void sendsADictionaryAgainWhereOneInsideHasChanged() throws IOException {
        DictionaryEncoding outer = new DictionaryEncoding(8, false, EncodedTexts.INT32);
        Field item = new Field("item", new FieldType(true, EncodedTexts.INT32, EncodedTexts.ENCODING), null);
        Field list = new Field("outer", FieldType.nullable(new ArrowType.FixedSizeList(1)), List.of(item));
        try (FixedSizeListVector lists = (FixedSizeListVector) list.createVector(texts.allocator);
                IntVector nested = (IntVector) new Field("n", new FieldType(true, EncodedTexts.INT32, outer), null)
                        .createVector(texts.allocator);
                IntVector column =
                        (IntVector) new Field("c", new FieldType(true, EncodedTexts.INT32, EncodedTexts.ENCODING), null)
                                .createVector(texts.allocator);
                VectorSchemaRoot batch = VectorSchemaRoot.of(column, nested)) { // what is inside comes first here
            lists.setNotNull(0);
            ((IntVector) lists.getDataVector()).setSafe(0, 0);
            lists.setValueCount(1);
            DictionaryProvider both = new DictionaryProvider.MapDictionaryProvider(
                    new Dictionary(texts.values, EncodedTexts.ENCODING), new Dictionary(lists, outer));
            try (BatchWriter nestedWriter =
                    new BatchWriter(batch.getSchema(), both, BatchWriterConfig.DEFAULTS, EncodedTexts.MEMORY)) {
                texts.stream.add(nestedWriter.schema());
                List<String> sent = new ArrayList<>();
                for (String text : List.of("a", "a", "b")) {
                    texts.set(text);
                    column.setSafe(0, 0);
                    nested.setSafe(0, 0);
                    batch.setRowCount(1);
                    texts.expected.add(StockStream.texts(batch, both));
                    for (IpcMessage message : nestedWriter.consume(batch, Map.of())) {
                        sent.add(message instanceof IpcDictionaryBatch d ? "" + d.id() : "batch");
                        texts.stream.add(message);
                    }
                }
                assertThat(sent).containsExactly("7", "8", "batch", "batch", "7", "8", "batch");
            }
        }
        texts.assertIsRead();
    }
}
