package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeoutConfigTest {
    private static Duration seconds(long count) {
        return Duration.ofSeconds(count);
    }

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(TimeoutConfig.DEFAULTS)
                .isEqualTo(new TimeoutConfig(seconds(10), seconds(10), seconds(15), seconds(120), seconds(30)));
    }

    @Test
    void changesOneThingAndKeepsTheOthers() {
        TimeoutConfig changed = new TimeoutConfig(seconds(9), seconds(9), seconds(9), seconds(9), seconds(9))
                .withConnect(seconds(1))
                .withAnswer(seconds(2))
                .withPeer(seconds(3))
                .withFinish(seconds(4))
                .withClose(seconds(5));

        assertThat(changed).isEqualTo(new TimeoutConfig(seconds(1), seconds(2), seconds(3), seconds(4), seconds(5)));
    }

    @Test
    void refusesTimesThatAreNone() {
        assertThatThrownBy(() -> TimeoutConfig.DEFAULTS.withAnswer(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("answer: PT0S (expected: PT0.001S..PT24H)");
        assertThatThrownBy(() -> TimeoutConfig.DEFAULTS.withPeer(Duration.ofDays(2)))
                .hasMessage("peer: PT48H (expected: PT0.001S..PT24H)");
    }
}
