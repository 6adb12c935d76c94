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
        assertThat(turn.delays()).isEqualTo(1_000);
        assertThat(turn.delayMicros(1)).isGreaterThan(19_000 * 0.99);
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
    void withoutARateAllIsDueAtOnceAndNoDelayIsCounted() {
        Turn turn = Turn.fast(ONE, 5);
        turn.begin();
        turn.received(0);

        assertThat(turn.awaitDue(0)).isEqualTo(5);
        assertThat(turn.delays()).isZero();
    }

    @Test
    void aRateIsOfOnePublisher() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Turn.paced(new Shape(1 << 10, 1, 2, 1), 1, 1))
                .withMessageContaining("expected: one publisher");
    }
}
