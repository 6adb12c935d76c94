package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class ColumnTypeTest {
    private static TextTable column(String... values) {
        return TextTable.read(TextFormat.CSV, 100, "a\n" + String.join("\n", values) + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "true, bool, true",
                "FALSE, bool, false",
                "yes, utf8, -",
                "0, int64, 0",
                "-12, int64, -12",
                "9223372036854775807, int64, 9223372036854775807",
                "-9223372036854775808, int64, -9223372036854775808",
                "9223372036854775808, uint64, 9223372036854775808",
                "18446744073709551615, uint64, 18446744073709551615",
                "18446744073709551616, float64, 1.8446744073709552E19",
                "18446744073709551617, utf8, -",
                "0.30000000000000004, float64, 0.30000000000000004",
                "0.29999999999999999, float64, 0.3",
                "0.30000000000000001, utf8, -",
                "1.000000000000000056e-01, float64, 0.1",
                "0.1000000000000000001, utf8, -",
                "0.12345678901234567, utf8, -",
                "123456789012345678901, utf8, -",
                "007, utf8, -",
                "-07, utf8, -",
                "+5, utf8, -",
                "-0, float64, -0.0",
                "٣, utf8, -",
                "1_000, utf8, -",
                "0x10, utf8, -",
                "1d, utf8, -",
                "-, utf8, -",
                "1.5, float64, 1.5",
                "-.5, float64, -0.5",
                "5., float64, 5.0",
                "., utf8, -",
                "00.5, utf8, -",
                "1e3, float64, 1000.0",
                "1E-3, float64, 0.001",
                "1e+3, float64, 1000.0",
                "1e, utf8, -",
                "1ex, utf8, -",
                "1e3x, utf8, -",
                "1e400, utf8, -",
                "-1e400, utf8, -",
                "1e-400, utf8, -",
                "0e-400, float64, 0.0",
                "NaN, float64, \"NaN\"",
                "-inf, float64, \"-Infinity\"",
                "infinite, utf8, -",
                "2026-11-21, date32, \"2026-11-21\"",
                "1969-12-31, date32, \"1969-12-31\"",
                "2026-02-29, utf8, -",
                "2026-1-1, utf8, -",
                "2026-11-21T20:38, 'timestamp[us]', \"2026-11-21T20:38:00.000000\"",
                "2026-11-21 20:38:01.5, 'timestamp[us]', \"2026-11-21T20:38:01.500000\"",
                "1969-12-31T23:59:59.999999, 'timestamp[us]', \"1969-12-31T23:59:59.999999\"",
                "2026-11-21T20:38:01.000000001, 'timestamp[ns]', \"2026-11-21T20:38:01.000000001\"",
                "2300-01-01T00:00:00.000000001, utf8, -",
                "2026-11-21T20:38:00Z, 'timestamp[us, UTC]', \"2026-11-21T20:38:00.000000Z\"",
                "2026-11-21 20:38:00+01, 'timestamp[us, UTC]', \"2026-11-21T19:38:00.000000Z\"",
                "2026-11-21T20:38:00.123456789-03:30, 'timestamp[ns, UTC]', \"2026-11-22T00:08:00.123456789Z\"",
                "2026-11-21 20:38+0530, 'timestamp[us, UTC]', \"2026-11-21T15:08:00.000000Z\"",
                "2026-11-21T20:38:01.1234567890, utf8, -",
                "2026-11-21T20:38:01., utf8, -",
                "2026-11-21T20:38:1, utf8, -",
                "2026-11-21T20:38:60, utf8, -",
                "2026-11-21T20:3, utf8, -",
                "2026-11-21T20, utf8, -",
                "2026-11-21T20-38, utf8, -",
                "2026-11-21T20:38-01-02, utf8, -",
                "2026-11-21T20:38:00+25, utf8, -",
                "2026-11-21T2x:38, utf8, -",
                "2026-13-21T20:38, utf8, -",
                "202x-11-21T20:38, utf8, -",
                "2026-11-21T24:38, utf8, -",
                "2026-11-21T, utf8, -",
                "2026-11-21Z, utf8, -",
                "2026-11-21_20:38, utf8, -",
            })
    void hasTheFirstTypeThatHoldsTheValueAsItIs(String value, String type, String json) {
        String text = value == null ? "-" : value;

        TextTable table = column(text);

        assertThat(table.fields()).isEqualTo("[a: " + type + "]");
        assertThat(table.rows()).containsExactly("{\"a\":" + (json == null ? "\"" + text + "\"" : json) + "}");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2.5, float64",
        "1, true, utf8",
        "1, 2026-11-21, utf8",
        "9007199254740993, 2.5, utf8", // a double would round it
        "9007199254740992, 2.5, float64",
        "2026-11-21, 2026-11-21 20:38, 'timestamp[us]'",
        "2026-11-21T20:38:01.5, 2026-11-21T20:38:01.123456789, 'timestamp[ns]'",
        "2026-11-21T20:38:00, 2026-11-21T20:38:00Z, utf8",
        "true, yes, utf8",
    })
    void hasTheTypeThatHoldsAllValues(String first, String second, String type) {
        assertThat(column(first, second).fields()).isEqualTo("[a: " + type + "]");
        assertThat(column(second, first).fields()).isEqualTo("[a: " + type + "]");
    }

    @Test
    void tellsTextThatLooksLikeNothingElse() {
        String digits = "1".repeat(1_001);

        assertThat(column(digits, "1." + digits).rows())
                .containsExactly("{\"a\":\"" + digits + "\"}", "{\"a\":\"1." + digits + "\"}");
    }

    @Test
    void hasTheTypeThatIsGiven() {
        Map<String, ColumnType> types =
                Map.of("a", ColumnType.parse("float64"), "c", ColumnType.parse("timestamp[ns, UTC]"));
        byte[] csv = "a,b,c\n1,1,\n".getBytes(StandardCharsets.UTF_8);
        byte[] json = "{\"b\":1}{\"c\":null,\"a\":1}".getBytes(StandardCharsets.UTF_8);

        TextTable ofCsv = TextTable.read(new RowConfig(TextFormat.CSV, 2, types), csv);
        TextTable ofJson = TextTable.read(new RowConfig(TextFormat.JSON, 2, types), json);

        assertThat(ofCsv.fields()).isEqualTo("[a: float64, b: int64, c: timestamp[ns, UTC]]");
        assertThat(ofCsv.rows()).containsExactly("{\"a\":1.0,\"b\":1,\"c\":null}");
        assertThat(ofJson.fields()).isEqualTo("[b: int64, c: timestamp[ns, UTC], a: float64]");
    }

    @Test
    void namesTheValueThatIsNotOfTheTypeThatIsGiven() {
        byte[] csv = "a,b\n1,1.5\n".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() ->
                        TextTable.read(new RowConfig(TextFormat.CSV, 2, Map.of("b", ColumnType.parse("int64"))), csv))
                .isInstanceOf(TextException.class)
                .hasMessage("file: line 2, column b: 1.5 (expected: int64)");
        assertThatThrownBy(() ->
                        TextTable.read(new RowConfig(TextFormat.CSV, 2, Map.of("c", ColumnType.parse("int64"))), csv))
                .isInstanceOf(TextException.class)
                .hasMessage("file: column c: has a type and is not there (expected: one of a, b)");
    }
}
