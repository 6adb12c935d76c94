package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypedColumnTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "n=int64                        | n       | int64",
                "=utf8                          | ``      | utf8",
                "a=b=utf8                       | a=b     | utf8",
                "a=utf8=int8                    | a=utf8  | int8",
                "\"a=utf8\"=int8                | a=utf8  | int8",
                "\"say \"\"x\"\"\"=utf8            | say \"x\" | utf8",
                "s=struct<\"x=utf8\": int64>     | s       | struct<\"x=utf8\": int64>"
            })
    void takesNamesWithEqualsSignsAndQuotes(String text, String name, String type) {
        TypedColumn column = TypedColumn.parse(text);

        assertThat(column.name()).isEqualTo(name);
        assertThat(column.type()).hasToString(type);
    }

    @Test
    void saysWhatIsNoType() {
        assertThatThrownBy(() -> TypedColumn.parse("n=int65"))
                .hasMessageStartingWith("type: int65 (expected: one of null,");
        assertThatThrownBy(() -> TypedColumn.parse("n")).hasMessageStartingWith("'n' is not NAME=TYPE (expected: ");
    }
}
