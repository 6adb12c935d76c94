package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DelayTest {
    @Test
    void theRoundsTogetherHaveAPercentileOnlyWhereThereAreEnoughDelays() {
        Delay delay = Delay.of("A", Shape.of(1 << 10, 1), Delay.Rate.HALF, 1);

        delay.delayNanos().recordValueWithCount(1_000, 295);
        delay.delayNanos().recordValueWithCount(9_000_000, 4);
        assertThat(delay.p99Micros()).isEmpty();

        delay.delayNanos().recordValue(1_000);
        assertThat(delay.p99Micros()).hasValueSatisfying(p99 -> assertThat(p99).isBetween(8_990.0, 9_010.0));
        assertThat(delay.p50Micros()).isBetween(0.99, 1.01);
        assertThat(delay.count()).isEqualTo(300);
    }
}
