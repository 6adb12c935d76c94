package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateMeterTest {
    /** Each is done within 100 milliseconds. */
    private static RateMeter of(long... millis) {
        RateMeter meter = new RateMeter();
        for (long time : millis) {
            meter.add(TimeUnit.MILLISECONDS.toNanos(time), TimeUnit.MILLISECONDS.toNanos(time + 100));
        }
        return meter;
    }

    @Test
    void tellsHowManyFollowTheFirst() {
        assertThat(of(100, 150, 200, 350, 400).perSecond()).isEqualTo(10); // four in 400 ms
    }

    @Test
    void addsWhatWasDoneMeanwhile() {
        RateMeter all = of();
        all.add(of(0, 500, 1_000));
        all.add(of(0, 250, 500, 750, 1_900));

        assertThat(all.perSecond()).isEqualTo(3.5);
    }

    @Test
    void knowsNoneOfLessThanTwo() {
        assertThat(of().perSecond()).isZero();
        assertThat(of(5).perSecond()).isZero();
    }
}
