package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class CsvRowsTest {
    private static final int BATCH_ROWS = 2;

    private static TextTable read(String text) {
        return TextTable.read(TextFormat.CSV, BATCH_ROWS, text);
    }

    private static void assertRefused(String text, String reason) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(TextException.class).hasMessage("file: " + reason);
    }

    @Test
    void readsNamesAndRows() {
        TextTable table = read("id,name\n1,ash\n2,elm\n3,\"fir, oak\"\n");

        assertThat(table.fields()).isEqualTo("[id: int64, name: utf8]");
        assertThat(table.rows())
                .containsExactly(
                        "{\"id\":1,\"name\":\"ash\"}",
                        "{\"id\":2,\"name\":\"elm\"}",
                        "{\"id\":3,\"name\":\"fir, oak\"}");
        assertThat(table.batches()).extracting(rows -> rows.size()).containsExactly(2, 1);
    }

    @Test
    void readsTabs() {
        assertThat(TextTable.read(TextFormat.TSV, BATCH_ROWS, "a\tb\n1\t2,3\n").rows())
                .containsExactly("{\"a\":1,\"b\":\"2,3\"}");
    }

    @ParameterizedTest
    @CsvSource({"'\n'", "'\r\n'", "'\r'"})
    void readsLinesOfAnySystem(String end) {
        String text = String.join(end, "a,b", "\"1\",\"x" + end + "\"\"y\"\"\"", "", "2,z");

        TextTable table = read(text);

        String escaped = end.replace("\n", "\\n").replace("\r", "\\r");
        assertThat(table.rows())
                .containsExactly("{\"a\":1,\"b\":\"x" + escaped + "\\\"y\\\"\"}", "{\"a\":2,\"b\":\"z\"}");
    }

    @Test
    void leavesOutByteOrderMark() {
        assertThat(read("\uFEFF\"a\",b\n1,2\n").fields()).isEqualTo("[a: int64, b: int64]");
        assertThat(read("\uFEFFa\n\uFEFF\n").rows()).containsExactly("{\"a\":\"\\uFEFF\"}");
    }

    @Test
    void takesNothingForNullAndQuotedNothingForEmptyText() {
        TextTable table = read("n,s,x\n,,\n\"\",\"\",\n1,a,\n");

        assertThat(table.fields()).isEqualTo("[n: utf8, s: utf8, x: utf8]");
        TextTable typed = TextTable.read(TextFormat.CSV, 3, "n,s,x\n,,\n\"\",\"\",\n1,a,\n");
        assertThat(typed.fields()).isEqualTo("[n: int64, s: utf8, x: utf8]");
        assertThat(typed.rows())
                .containsExactly(
                        "{\"n\":null,\"s\":null,\"x\":null}",
                        "{\"n\":null,\"s\":\"\",\"x\":null}",
                        "{\"n\":1,\"s\":\"a\",\"x\":null}");
    }

    @Test
    void acceptsOneColumnWithoutName() {
        assertThat(read(",a\n0,x\n").fields()).isEqualTo("[: int64, a: utf8]");
        assertRefused("a,,\n0,x,y\n", "line 1: column : twice (expected: another name for each)");
        assertRefused("\na,b,a\n0,x,y\n", "line 2: column a: twice (expected: another name for each)");
    }

    @Test
    void refusesFileWithoutRows() {
        assertRefused("", "is empty (expected: a line with the names of the columns)");
        assertRefused("\n\r\n", "is empty (expected: a line with the names of the columns)");
        assertRefused(
                "a,b\n",
                "has no rows (expected: at least one, which says what the types of the columns are, or --type for each"
                        + " column)");
    }

    @Test
    void namesTheLineThatHasOtherFields() {
        assertRefused("a,b\n\"1\n\",2\n3\n", "line 4: 1 fields (expected: 2, as many as names)");
        assertRefused("a,b\n1,2\n3,4\n5,6,7\n", "line 4: 3 fields (expected: 2, as many as names)");
        assertRefused("a,b\n1,2,\n", "line 2: 3 fields (expected: 2, as many as names)");
    }

    @Test
    void namesTheValueThatDoesNotFitLater() {
        assertRefused(
                "a,b\n1,2\n3,4\n\n\"\n5\",x\ny,6\n", "line 5, column a: ·5 (expected: int64, as in the first batch)");
        assertRefused("a,b\n1,2\n3,4\n5,4.5\n", "line 4, column b: 4.5 (expected: int64, as in the first batch)");
    }

    @Test
    void refusesQuotesThatDoNotMatch() {
        assertThatThrownBy(() -> read("a,b\n1,\"2\n3,4\n")).isInstanceOf(TextException.class);
        assertThatThrownBy(() -> read("a,b\n1,\"2\"3\n"))
                .isInstanceOf(TextException.class)
                .hasMessageStartingWith("file: ")
                .hasMessageContaining("line 2");
    }

    @Test
    void namesTheLineThatIsNotUtf8() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("a,b\n".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 5_000; i++) {
            bytes.writeBytes("größer,𐀀\n".getBytes(StandardCharsets.UTF_8));
        }
        byte[] good = bytes.toByteArray();
        bytes.writeBytes("x,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        List<String> rows = TextTable.read(TextFormat.CSV, 5_000, good).rows();
        assertThat(rows.get(4_999)).isEqualTo("{\"a\":\"größer\",\"b\":\"\\uD800\\uDC00\"}");
        assertThatThrownBy(() -> TextTable.read(TextFormat.CSV, 5_000, bytes.toByteArray()))
                .isInstanceOf(TextException.class)
                .hasMessageStartingWith("file: line 5002, column b: ")
                .hasMessageEndingWith(" (expected: UTF-8)");
        assertThatThrownBy(() ->
                        TextTable.read(TextFormat.CSV, 2, "a,\u00e9\n1,2\n".getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageStartingWith("file: line 1, column ");
    }

    @Test
    void refusesFieldThatDoesNotEnd() {
        byte[] start = "a\n".getBytes(StandardCharsets.US_ASCII);
        InputStream endless = new InputStream() {
            private long count;

            @Override
            public int read() {
                return count < start.length ? start[(int) count++] : 'x';
            }
        };

        assertThatThrownBy(() -> RowSource.open("file", endless, new RowConfig(TextFormat.CSV, BATCH_ROWS, Map.of())))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("maximum buffer size of 16777216");
    }

    @Test
    void makesNoBatchAfterAWrongRow() {
        InputStream text = new ByteArrayInputStream("a\n1\n2\nx\n3\n".getBytes(StandardCharsets.UTF_8));
        try (RowSource source = RowSource.open("file", text, new RowConfig(TextFormat.CSV, 1, Map.of()))) {
            source.next().release();
            source.next().release();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(source::next).hasMessageStartingWith("file: line 4, column a: x");
            }
        }
    }

    @Test
    void makesNoBatchAfterAFault() {
        InputStream text = new ByteArrayInputStream("a\n1\n\"x".getBytes(StandardCharsets.UTF_8));
        AtomicInteger asked = new AtomicInteger();
        BooleanSupplier isCut = () -> {
            if (asked.getAndIncrement() == 0) {
                throw new IllegalStateException("a fault");
            }
            return true;
        };
        try (RowSource source = RowSource.open("file", text, isCut, new RowConfig(TextFormat.CSV, 1, Map.of()))) {
            source.next().release();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(source::next).hasMessage("a fault");
            }
        }
    }

    @Test
    void endsBatchesOfLongRowsEarlier() {
        String row = "x".repeat(1 << 20) + "\n";

        TextTable table = TextTable.read(TextFormat.CSV, 1_000, "a\n" + row.repeat(10));

        assertThat(table.batches()).extracting(rows -> rows.size()).containsExactly(4, 4, 2);
    }

    @Test
    void saysWhatCannotBeRead() {
        for (TextFormat format : List.of(TextFormat.CSV, TextFormat.JSON)) {
            boolean[] isClosed = {false};
            InputStream broken = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("no such luck");
                }

                @Override
                public void close() {
                    isClosed[0] = true;
                }
            };

            assertThatThrownBy(() -> RowSource.open("file", broken, new RowConfig(format, BATCH_ROWS, Map.of())))
                    .hasMessage("file: cannot be read: no such luck");
            assertThat(isClosed[0]).isTrue();
        }
    }

    @Test
    void closesItsInputWithTheSourceOrWhereThereIsNone() {
        RowConfig config = new RowConfig(TextFormat.CSV, BATCH_ROWS, Map.of());
        List<String> closed = new ArrayList<>();
        RowSource source = RowSource.open("file", input("a\n1\n", closed), config);
        assertThat(closed).isEmpty();

        source.close();
        source.close();
        assertThatThrownBy(() -> RowSource.open("file", input("a\n", closed), config))
                .isInstanceOf(TextException.class);
        assertThatThrownBy(() -> RowSource.open("file", input("", closed), config))
                .isInstanceOf(TextException.class);

        assertThat(closed).containsExactly("a\n1\n", "a\n", "");
    }

    /** Returns an input that says when it is closed. */
    private static InputStream input(String text, List<String> closed) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public void close() {
                closed.add(text);
            }
        };
    }
}
