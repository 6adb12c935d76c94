package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TurnTest {
    private static final Shape ONE = Shape.of(1 << 10, 1);

    @Test
    void aPublisherThatIsLateCountsForEachBatchThatWasDue() {
        Turn turn = Turn.paced(ONE, 1_000, 1_000_000);
        turn.begin();
        long start = System.nanoTime();
        while (System.nanoTime() - start < 20_000_000) {
            Thread.onSpinWait(); // the last batch was due after 1 ms
        }

        assertThat(turn.awaitDue(0)).isEqualTo(1_000);
        for (int i = 0; i < 1_000; i++) {
            turn.received(i);
        }
        assertThat(turn.delayNanos().getTotalCount()).isEqualTo(1_000);
        assertThat(turn.delayNanos().getValueAtPercentile(1)).isGreaterThan(18_800_000);
    }

    @Test
    void aBatchIsNotSentBeforeItIsDue() {
        Turn turn = Turn.paced(ONE, 3, 100);
        long start = turn.begin();

        assertThat(turn.awaitDue(0)).isPositive();
        assertThat(turn.awaitDue(2)).isEqualTo(3);
        assertThat(System.nanoTime() - start).isGreaterThan(19_900_000);
    }

    @Test
    void withoutARateAllIsDueAtOnce() {
        Turn turn = Turn.fast(ONE, 5);
        turn.begin();

        assertThat(turn.awaitDue(0)).isEqualTo(5);
    }

    @Test
    void aRateIsOfOnePublisher() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Turn.paced(new Shape(1 << 10, 1, 2, 1), 1, 1))
                .withMessageContaining("expected: one publisher");
    }
}
