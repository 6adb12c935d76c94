package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodySizeTest {
    @ParameterizedTest
    @CsvSource({"32, 32, 32B", "1024B, 1024, 1KiB", "64KiB, 65536, 64KiB", "1500, 1500, 1500B", "1GiB, 1073741824, 1GiB"
    })
    void parsesBytes(String text, int bytes, String shown) {
        assertThat(BodySize.parse(text)).isEqualTo(new BodySize(bytes)).hasToString(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "31", "0", "-1KiB", "1KB", "1.5MiB", "2GiB", "9999999999GiB", "64 KiB"})
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> BodySize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("body: " + text + " (expected: 32B to 1GiB, in B, KiB, MiB or GiB)");
    }
}
