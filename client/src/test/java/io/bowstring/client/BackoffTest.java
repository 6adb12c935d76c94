package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Delays, by a clock that the test moves. */
class BackoffTest {
    private static final ReconnectConfig CONFIG =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofMillis(1_000), Duration.ofSeconds(60));

    private long nowNanos = 17;

    private Backoff backoff(ReconnectConfig config) {
        return new Backoff(config, () -> nowNanos);
    }

    private void pass(long millis) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Returns the shortest and the longest of many delays, each the {@code count}th of a loss. */
    private LongSummaryStatistics delays(int count) {
        return LongStream.range(0, 2_000)
                .map(i -> {
                    Backoff backoff = backoff(CONFIG);
                    LongStream.range(1, count).forEach(j -> backoff.nextDelayMillis());
                    return backoff.nextDelayMillis();
                })
                .summaryStatistics();
    }

    @Test
    void beginsWithTheFirstDelayShortenedByChanceToHalfOfItAtMost() {
        LongSummaryStatistics first = delays(1);

        assertThat(first.getMin()).isBetween(50L, 52L);
        assertThat(first.getMax()).isBetween(98L, 100L);
    }

    @Test
    void doublesTheDelayUpToTheLongest() {
        long[] longest = {100, 200, 400, 800, 1_000, 1_000};
        for (int i = 0; i < longest.length; i++) {
            LongSummaryStatistics delays = delays(i + 1);
            assertThat(delays.getMin()).isBetween(longest[i] / 2, longest[i] * 6 / 10);
            assertThat(delays.getMax()).isBetween(longest[i] * 9 / 10, longest[i]);
        }
    }

    @Test
    void neverReturnsZero() {
        Duration millisecond = Duration.ofMillis(1);
        Backoff backoff = backoff(new ReconnectConfig(millisecond, millisecond, Duration.ofDays(1)));

        assertThat(LongStream.range(0, 100).map(i -> backoff.nextDelayMillis())).containsOnly(1L);
    }

    @Test
    void givesUpWhereTheNextAttemptWouldComeTooLate() {
        Duration delay = Duration.ofMillis(2);
        Backoff backoff = backoff(new ReconnectConfig(delay, delay, Duration.ofMillis(1_000)));

        assertThat(backoff.nextDelayMillis()).isPositive();
        pass(998);
        assertThat(backoff.nextDelayMillis()).isPositive();
        pass(2);
        assertThat(backoff.nextDelayMillis()).isEqualTo(Backoff.GIVE_UP);
    }

    @Test
    void givesUpAtOnceWhereReconnectingIsOff() {
        assertThat(backoff(ReconnectConfig.NEVER).nextDelayMillis()).isEqualTo(Backoff.GIVE_UP);
    }

    @Test
    void neverGivesUpWhereItIsToTryForEver() {
        Backoff backoff = backoff(ReconnectConfig.FOREVER);

        for (int i = 0; i < 100; i++) {
            assertThat(backoff.nextDelayMillis()).isBetween(1L, 5_000L);
            pass(TimeUnit.DAYS.toMillis(365));
        }
    }

    @Test
    void beginsAnewAfterAReset() {
        Backoff backoff = backoff(CONFIG);
        for (int i = 0; i < 5; i++) {
            backoff.nextDelayMillis();
        }
        pass(60_000);
        assertThat(backoff.nextDelayMillis()).isEqualTo(Backoff.GIVE_UP);

        backoff.reset();

        assertThat(backoff.nextDelayMillis()).isBetween(50L, 100L);
        pass(59_800);
        assertThat(backoff.nextDelayMillis()).isBetween(100L, 200L);
    }

    @Test
    void countsNoTimeWhileThereIsAConnection() {
        Duration delay = Duration.ofMillis(2);
        Backoff backoff = backoff(new ReconnectConfig(delay, delay, Duration.ofMillis(1_000)));
        backoff.nextDelayMillis();
        pass(500);

        backoff.pause();
        pass(1_000_000);

        assertThat(backoff.nextDelayMillis()).isPositive();
        pass(498);
        assertThat(backoff.nextDelayMillis()).isPositive();
        pass(2);
        assertThat(backoff.nextDelayMillis()).isEqualTo(Backoff.GIVE_UP);
    }

    @Test
    void countsTheTimeOfAConnectionThatWasMute() {
        Duration delay = Duration.ofMillis(2);
        Backoff backoff = backoff(new ReconnectConfig(delay, delay, Duration.ofMillis(1_000)));
        backoff.nextDelayMillis();

        backoff.pause();
        pass(1_000);
        backoff.onMute();

        assertThat(backoff.nextDelayMillis()).isEqualTo(Backoff.GIVE_UP);
    }
}
