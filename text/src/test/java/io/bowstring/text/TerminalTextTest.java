package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTextTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 0x1B, 0x7F, 0x85, 0x9B, 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E,
                0x2060, 0x2066, 0x2069, 0xFEFF, 0xFFF9, 0xE0041, 0xD800, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0
            })
    void showsNothingThatATerminalObeys(int c) {
        assertThat(TerminalText.clean("a" + Character.toString(c) + "b")).isEqualTo("a·b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "größer", "日本語", "e\u0301", "می\u200Cخواهم", "👩\u200D🔬", "\u06DD", ""})
    void leavesWhatIsText(String text) {
        assertThat(TerminalText.clean(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "abc, 3",
        "größer, 6",
        "日本語, 6",
        "한국, 4",
        "ｶﾅ, 2",
        "ＡＢ, 4",
        "e\u0301, 1",
        "\u1100\u1161, 2",
        "👍, 2",
        "🇩, 1",
        "𠀀, 2",
        "…·─, 3",
    })
    void countsTheColumnsThatATerminalUses(String text, int columns) {
        assertThat(TerminalText.width(text)).isEqualTo(columns);
    }

    @Test
    void cutsAtColumnsAndNotAtCharacters() {
        assertThat(TerminalText.excerpt("日".repeat(24))).isEqualTo("日".repeat(24));
        assertThat(TerminalText.excerpt("日".repeat(25))).isEqualTo("日".repeat(23) + "…");
        assertThat(TerminalText.excerpt("x".repeat(49))).isEqualTo("x".repeat(47) + "…");
        assertThat(TerminalText.excerpt("\u202e".repeat(49))).isEqualTo("·".repeat(47) + "…");
    }

    @Test
    void cutsMarksThatTakeNoColumn() {
        assertThat(TerminalText.excerpt("a" + "\u0301".repeat(100_000))).hasSizeLessThan(1_000);
    }
}
