package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PrintersTest {
    private final BufferAllocator allocator =
            new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final MapDictionaryProvider dictionaries = new MapDictionaryProvider();
    private final BigIntVector id = new BigIntVector("id", allocator);
    private final VarCharVector name = new VarCharVector("name", allocator);
    private final Float8Vector price = new Float8Vector("price", allocator);
    private final ListVector tags = ListVector.empty("tags", allocator);
    private final VectorSchemaRoot batch = VectorSchemaRoot.of(id, name, price, tags);

    @BeforeEach
    void fill() {
        id.setSafe(0, 7);
        id.setSafe(1, -1_000);
        name.setSafe(0, bytes("Ash\tTree\u001b"));
        name.setNull(1);
        price.setSafe(0, Double.NaN);
        price.setSafe(1, 1.5);
        UnionListWriter writer = tags.getWriter();
        writer.setPosition(1);
        writer.startList();
        writer.writeBigInt(1);
        writer.writeNull();
        writer.endList();
        batch.setRowCount(2);
    }

    @AfterEach
    void close() {
        batch.close();
        allocator.close();
    }

    @Test
    void quotesAByteOrderMarkInCsvSoThatItStaysInTheName() throws Exception {
        try (BigIntVector marked = new BigIntVector("\uFEFFid", allocator);
                VectorSchemaRoot table = VectorSchemaRoot.of(marked)) {
            new CsvPrinter(out, ShownColumns.of(table.getSchema()), false).print(table, dictionaries, 0);
        }

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("\"\uFEFFid\"\n");
        assertThat(TextTable.read(
                                new RowConfig(TextFormat.CSV, 1, Map.of("\uFEFFid", ColumnType.parse("int64"))),
                                out.toByteArray())
                        .fields())
                .isEqualTo("[\uFEFFid: int64]");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void printsTable() throws IOException {
        new TablePrinter(out, ShownColumns.of(batch.getSchema())).print(batch, dictionaries, 2);

        assertThat(lines())
                .containsExactly(
                        "   id  name       price  tags",
                        "─────  ─────────  ─────  ────────",
                        "    7  Ash·Tree·    NaN  null",
                        "-1000  null         1.5  [1,null]");
    }

    @Test
    void printsHeaderOnceAndWidens() throws IOException {
        TablePrinter printer = new TablePrinter(out, ShownColumns.of(batch.getSchema()));
        printer.print(batch, dictionaries, 1);
        printer.print(batch, dictionaries, 2);

        assertThat(lines())
                .containsExactly(
                        "id  name       price  tags",
                        "──  ─────────  ─────  ────",
                        " 7  Ash·Tree·    NaN  null",
                        "    7  Ash·Tree·    NaN  null",
                        "-1000  null         1.5  [1,null]");
    }

    @Test
    void cutsLongValues() throws IOException {
        name.setSafe(0, bytes("é".repeat(100)));

        new TablePrinter(out, ShownColumns.of(batch.getSchema())).print(batch, dictionaries, 1);

        assertThat(lines().get(2)).contains("é".repeat(47) + "…  ");
    }

    @Test
    void printsManyRowsInBlocks() throws IOException {
        try (BigIntVector many = new BigIntVector("n", allocator)) {
            many.allocateNew(2_500);
            for (int i = 0; i < 2_500; i++) {
                many.set(i, i);
            }
            VectorSchemaRoot root = VectorSchemaRoot.of(many);
            root.setRowCount(2_500);

            new TablePrinter(out, ShownColumns.of(root.getSchema())).print(root, dictionaries, 2_500);
        }

        assertThat(lines()).hasSize(2_502).endsWith("2499");
    }

    @Test
    void printsJson() throws IOException {
        new JsonPrinter(out, ShownColumns.of(batch.getSchema())).print(batch, dictionaries, 2);

        assertThat(lines())
                .containsExactly(
                        "{\"id\":7,\"name\":\"Ash\\tTree\\u001B\",\"price\":\"NaN\",\"tags\":null}",
                        "{\"id\":-1000,\"name\":null,\"price\":1.5,\"tags\":[1,null]}");
    }

    @Test
    void printsNoMoreRowsThanAskedFor() throws IOException {
        new JsonPrinter(out, ShownColumns.of(batch.getSchema())).print(batch, dictionaries, 1);

        assertThat(lines()).hasSize(1);
    }

    @Test
    void followsDictionaries() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(3, false, new ArrowType.Int(8, true));
        dictionaries.put(new Dictionary(name, encoding));
        FieldType type = new FieldType(true, encoding.getIndexType(), encoding);
        try (TinyIntVector index = new TinyIntVector("symbol", type, allocator)) {
            index.setSafe(0, 0);
            index.setNull(1);
            index.setSafe(2, 1); // of a value that is null
            VectorSchemaRoot root = VectorSchemaRoot.of(index);
            root.setRowCount(3);

            new JsonPrinter(out, ShownColumns.of(root.getSchema())).print(root, dictionaries, 3);
        }

        assertThat(lines())
                .containsExactly("{\"symbol\":\"Ash\\tTree\\u001B\"}", "{\"symbol\":null}", "{\"symbol\":null}");
    }

    @Test
    void writesBinaryAsBase64() throws IOException {
        try (VarBinaryVector binary = new VarBinaryVector("b", allocator)) {
            binary.setSafe(0, new byte[] {0, -1});
            VectorSchemaRoot root = VectorSchemaRoot.of(binary);
            root.setRowCount(1);

            new JsonPrinter(out, ShownColumns.of(root.getSchema())).print(root, dictionaries, 1);
        }

        assertThat(lines()).containsExactly("{\"b\":\"AP8=\"}");
    }
}
