package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconnectConfigTest {
    @Test
    void hasTheDocumentedDefaults() {
        assertThat(ReconnectConfig.DEFAULTS)
                .isEqualTo(new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(2)));
        assertThat(ReconnectConfig.DEFAULTS.isOn()).isTrue();
        assertThat(ReconnectConfig.NEVER.isOn()).isFalse();
    }

    @Test
    void triesForEverAndAtTheStartWhereThatIsWanted() {
        ReconnectConfig config = ReconnectConfig.DEFAULTS.withGiveUpAfter(Duration.ofHours(1));

        assertThat(config)
                .isEqualTo(new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofHours(1)));
        assertThat(config.triesAtStart()).isFalse();
        assertThat(config.tryingAtStart().triesAtStart()).isTrue();
        assertThat(config.tryingAtStart().giveUpAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(ReconnectConfig.FOREVER.triesAtStart()).isTrue();
        assertThat(ReconnectConfig.FOREVER.tryingAtStart()).isEqualTo(ReconnectConfig.FOREVER);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.001S, PT0.001S, PT0S", //
        "PT8760H, PT8760H, PT8760H",
        "PT1S, PT1S, PT0.000000001S",
    })
    void takesTimesUpToItsBounds(Duration firstDelay, Duration maxDelay, Duration giveUpAfter) {
        ReconnectConfig config = new ReconnectConfig(firstDelay, maxDelay, giveUpAfter);

        assertThat(config.isOn()).isEqualTo(!giveUpAfter.isZero());
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.000999999S, PT1S, PT1S, firstDelay: PT0.000999999S (expected: PT0.001S..PT8760H)",
        "PT8760H0.001S, PT8760H, PT1S, firstDelay: PT8760H0.001S (expected: PT0.001S..PT8760H)",
        "PT1S, PT0.999S, PT1S, maxDelay: PT0.999S (expected: PT1S..PT8760H)",
        "PT1S, PT8760H1S, PT1S, maxDelay: PT8760H1S (expected: PT1S..PT8760H)",
        "PT1S, PT1S, PT-0.001S, giveUpAfter: PT-0.001S (expected: PT0S..PT8760H)",
        "PT1S, PT1S, PT8760H1S, giveUpAfter: PT8760H1S (expected: PT0S..PT8760H)",
    })
    void refusesTimesOutsideThem(Duration firstDelay, Duration maxDelay, Duration giveUpAfter, String message) {
        assertThatThrownBy(() -> new ReconnectConfig(firstDelay, maxDelay, giveUpAfter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
