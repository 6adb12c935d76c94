package io.bowstring.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundsTest {
    @Test
    void quartilesAreAQuarterFromEitherEnd() {
        assertThat(rounds(7, 1, 5, 3, 2, 6, 4).quartiles()).isEqualTo(new Quartiles(2, 4, 6));
        assertThat(rounds(4, 1, 3, 2).quartiles()).isEqualTo(new Quartiles(1, 3, 4));
        assertThat(rounds(9).quartiles()).isEqualTo(new Quartiles(9, 9, 9));
    }

    @Test
    void aRatioIsTakenWithinARound() {
        Rounds slowsDown = rounds(100, 10, 1);
        Rounds slowsDownToo = rounds(50, 5, 2);

        assertThat(slowsDown.ratio(slowsDownToo).quartiles()).isEqualTo(new Quartiles(0.5, 2, 2));
        assertThat(slowsDown.medianRatio(slowsDownToo)).isEqualTo(2);
    }

    private static Rounds rounds(double... values) {
        Rounds rounds = new Rounds();
        for (double value : values) {
            rounds.add(value);
        }
        return rounds;
    }
}
