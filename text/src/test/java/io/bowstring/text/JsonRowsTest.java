package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class JsonRowsTest {
    private static final int BATCH_ROWS = 2;

    private static TextTable read(String text) {
        return TextTable.read(TextFormat.JSON, BATCH_ROWS, text);
    }

    @Test
    void readsObjects() {
        TextTable table = read("\uFEFF{\"n\":1,\"s\":\"a\\n\\u00e9\",\"b\":true}\r\n\n"
                + "{\"n\":-2,\"s\":\"2\",\"b\":false}{\"n\":3,\n\"s\":null,\"b\":null}");

        assertThat(table.fields()).isEqualTo("[n: int64, s: utf8, b: bool]");
        assertThat(table.rows())
                .containsExactly(
                        "{\"n\":1,\"s\":\"a\\né\",\"b\":true}",
                        "{\"n\":-2,\"s\":\"2\",\"b\":false}",
                        "{\"n\":3,\"s\":null,\"b\":null}");
        assertThat(table.batches()).extracting(rows -> rows.size()).containsExactly(2, 1);
    }

    @Test
    void findsKeysInAnyOrderAndMissesSome() {
        TextTable table = read("{\"a\":1}\n{\"b\":2.5,\"a\":2}\n{}\n{\"b\":1}\n");

        assertThat(table.fields()).isEqualTo("[a: int64, b: float64]");
        assertThat(table.rows())
                .containsExactly(
                        "{\"a\":1,\"b\":null}",
                        "{\"a\":2,\"b\":2.5}",
                        "{\"a\":null,\"b\":null}",
                        "{\"a\":null,\"b\":1.0}");
    }

    @Test
    void widensInsideOfTheFirstBatch() {
        assertThat(read("{\"a\":1}\n{\"a\":1.5}\n").rows()).containsExactly("{\"a\":1.0}", "{\"a\":1.5}");
        assertThat(read("{\"a\":\"2026-11-21\"}\n{\"a\":\"soon\"}\n").fields()).isEqualTo("[a: utf8]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1}{\"a\":\"x\"}            | line 1, column a: x (expected: int64 or uint64 or float64 or decimal)",
                "{\"a\":true}{\"a\":1}             | line 1, column a: 1 (expected: bool)",
                "{\"a\":1e400}                     | line 1, column a: 1e400 (expected: int64 or uint64 or float64 or decimal)",
                "{\"a\":0.12345678901234567890123}{\"a\":1e60} | line 1, column a: 1e60 (expected: decimal)",
                "{\"a\":1}{\"a\":2}{\"a\":1.5}     | line 1, column a: 1.5 (expected: int64, as in the first batch)",
                "{\"a\":1}{\"a\":2}{\"a\":\"3\"}   | line 1, column a: 3 (expected: int64, as in the first batch)",
                "{\"a\":1}{\"a\":2}{\"b\":null}    | line 1, column b: null (expected: a column that the first batch has)",
                "{\"a\":{\"b\":1}}{\"a\":2}      | line 1, column a: 2 (expected: struct<\"b\": int64>)",
                "{\"a\":[1]}{\"a\":[true]}       | line 1, column a: [true] (expected: values of one type at each place)",
                "{\"a\":1}{\"a\":[1]}   | line 1, column a: [1] (expected: int64 or uint64 or float64 or decimal)",
                "{\"a\":{\"b\":1,\"b\":2}}  | line 1, column a: b twice in one object (expected: once)",
                "{\"a\":{\"b\":1}}{}{\"a\":{\"c\":1}} | line 1, column a: {\"c\":1} (expected: struct<\"b\": int64>, as in the first batch)",
                "{\"a\":1,\"a\":2}                 | line 1, column a: twice in one object (expected: once)",
                "{\"a\":\"x\\ud800\"}              | line 1, column a: x· (expected: Unicode, without half of a surrogate pair)",
                "[{\"a\":1}]                       | line 1: an array (expected: an object for each row)",
                "7                                 | line 1: a value alone (expected: an object for each row)",
                "``                                | has no rows (expected: at least one, which says what the types of the columns are, or --type for each column)",
            })
    void refuses(String text, String reason) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(TextException.class).hasMessage("file: " + reason);
    }

    @Test
    void namesTheLineThatIsNotJson() {
        for (String line : new String[] {"{\"a\":1", "{\"a\":NaN}", "{'a':1}", "{\"a\":01}", "{\"a\":1}]"}) {
            assertThatThrownBy(() -> read("{\"a\":1}\n" + line))
                    .as(line)
                    .isInstanceOf(TextException.class)
                    .hasMessageStartingWith("file: line 2: ");
        }
        assertThatThrownBy(() -> TextTable.read(
                        TextFormat.JSON, 2, "{\"a\":1}\n{\"a\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(TextException.class)
                .hasMessageStartingWith("file: line 2: Invalid UTF-8");
    }

    @Test
    void refusesStringThatIsTooLong() {
        String text = "{\"a\":\"" + "x".repeat((16 << 20) + 1) + "\"}";

        assertThatThrownBy(() -> read(text)).isInstanceOf(TextException.class).hasMessageContaining("16777216");
    }
}
