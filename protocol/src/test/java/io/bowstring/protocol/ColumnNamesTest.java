package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnNamesTest {
    private static final List<IpcField> FIELDS = fields("symbol", "price", "size", "");

    private static List<IpcField> fields(String... names) {
        return Stream.of(names)
                .map(name -> IpcField.of(name, true, IpcType.INT64))
                .toList();
    }

    record Example(String text, List<String> names) {}

    static Stream<Example> examples() {
        return Stream.of(
                new Example("", List.of()),
                new Example("a", List.of("a")),
                new Example("b,a", List.of("b", "a")),
                new Example(" a, b", List.of(" a", " b")),
                new Example("\"\"", List.of("")),
                new Example("\"\",a,größer", List.of("", "a", "größer")),
                new Example("\"a,b\",c", List.of("a,b", "c")),
                new Example("c,\",\"", List.of("c", ",")),
                new Example("\"say \"\"x\"\"\"", List.of("say \"x\"")),
                new Example("\"\"\"\"", List.of("\"")));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void parsesWhatItWrites(Example example) {
        assertThat(ColumnNames.parse(example.text).names()).isEqualTo(example.names);
        assertThat(ColumnNames.parse(example.text).count()).isEqualTo(example.names.size());
        assertThat(new ColumnNames(example.names)).hasToString(example.text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",", "a,", ",a", "a,,b", "\"", "\"a", "a\"", "a\"b", "a\"\"", "\"a\"b", "\"a\"\"", "\"a\",", "\"\"\""
            })
    void refusesWhatIsNotAList(String text) {
        assertRefused(
                () -> ColumnNames.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.columns: " + text
                        + " (expected: names with commas between; one with a comma or a quote in quotes, quotes doubled)");
    }

    @Test
    void isEqualToAnotherOfTheSameNames() {
        ColumnNames names = ColumnNames.parse("a,b");

        assertThat(names).isEqualTo(new ColumnNames(List.of("a", "b"))).isNotEqualTo(ColumnNames.parse("b,a"));
        assertThat(names).hasSameHashCodeAs(new ColumnNames(List.of("a", "b")));
    }

    @Test
    void refusesColumnTwice() {
        assertRefused(
                () -> ColumnNames.parse("a,b,\"a\""),
                ErrorCode.BAD_REQUEST,
                "bowstring.columns: a (expected: each column once)");
    }

    @Test
    void findsColumnsInTheOrderOfTheNames() {
        assertThat(new ColumnNames(List.of("size", "", "symbol")).indices(FIELDS))
                .containsExactly(2, 3, 0);
        assertThat(new ColumnNames(List.of()).indices(FIELDS)).isEmpty();
        assertThat(new ColumnNames(List.of()).indices(List.of())).isEmpty();
    }

    @Test
    void namesTheNearestColumnOrTheFirstForOneThatIsNotThere() {
        assertUnknown("pirce", FIELDS, "a column of the topic, such as price");
        assertUnknown("xbb", fields("a".repeat(80), "b".repeat(3)), "a column of the topic, such as bbb");
        assertUnknown("x", FIELDS, "a column of the topic, such as symbol");
        assertUnknown("a".repeat(60), fields("a".repeat(80)), "a column of the topic, such as " + "a".repeat(64) + "…");
        assertUnknown("x", List.of(), "no columns, as the topic has none");
    }

    private static void assertUnknown(String name, List<IpcField> fields, String rule) {
        assertRefused(
                () -> new ColumnNames(List.of(name)).indices(fields),
                ErrorCode.BAD_REQUEST,
                "bowstring.columns: " + name + " (expected: " + rule + ")");
    }

    @Test
    void refusesNameOfSeveralColumns() {
        assertRefused(
                () -> new ColumnNames(List.of("a")).indices(fields("a", "b", "a")),
                ErrorCode.BAD_REQUEST,
                "bowstring.columns: a (expected: #1 or #3: the name of 2 columns)");
        assertThat(new ColumnNames(List.of("b")).indices(fields("a", "b", "a"))).containsExactly(1);
    }

    @Test
    void findsColumnsByTheirPositions() {
        List<IpcField> fields = fields("a", "b", "a", "", "");

        assertThat(ColumnNames.parse("#3,b,#1").indices(fields)).containsExactly(2, 1, 0);
        assertThat(ColumnNames.parse("a#3,#5").indices(fields)).containsExactly(2, 4);
        assertThat(ColumnNames.parse("#1").indices(fields("b", "#1"))).containsExactly(1);
        assertUnknown("#6", fields, "a column of the topic, such as a");
        assertUnknown("a#6", fields, "a column of the topic, such as a");
        assertUnknown("b#3", fields, "a column of the topic, such as b");
        for (String name : List.of("#0", "#-1", "#1x", "#1000000000", "#99999999999999999999")) {
            assertThatThrownBy(() -> new ColumnNames(List.of(name)).indices(fields))
                    .isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void refusesColumnThatTwoNamesMean() {
        assertRefused(
                () -> ColumnNames.parse("b,#2").indices(fields("a", "b")),
                ErrorCode.BAD_REQUEST,
                "bowstring.columns: #2 (expected: each column once)");
    }
}
