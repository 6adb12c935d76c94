package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {
    @ParameterizedTest
    @CsvSource({"10, 100000000", "10/s, 100000000", "0.5/s, 2000000000", "1000000/s, 1000"})
    void tellsWhenBatchesAreDue(String text, long nanos) {
        Rate rate = Rate.parse(text);

        assertThat(rate.dueNanos(0)).isZero();
        assertThat(rate.dueNanos(1)).isEqualTo(nanos);
        assertThat(rate.dueNanos(3)).isEqualTo(3 * nanos);
    }

    @Test
    void allIsDueAtOnceAtTheMaximum() {
        assertThat(Rate.parse("max").dueNanos(1_000)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0/s", "-1", "1/m", "NaN", "1e9", "/s", "0x1p3"})
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> Rate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: N or N/s, more than 0, or max)");
    }
}
