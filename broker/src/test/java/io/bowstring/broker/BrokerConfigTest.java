package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bowstring.protocol.TopicName;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BrokerConfigTest {
    @Test
    void hasDefaults() {
        assertThat(BrokerConfig.DEFAULTS)
                .isEqualTo(SmallBrokers.config(67_108_864, 10_000, 134_217_728, 16_777_216, 1_000));
        assertThat(BrokerConfig.DEFAULTS.topic())
                .isEqualTo(new TopicConfig(67_108_864, 100_000, Duration.ZERO, DurableConfig.DEFAULTS));
        assertThat(BrokerConfig.DEFAULTS.overrides()).isEmpty();
        assertThat(BrokerConfig.DEFAULTS.memory().memoryBytes())
                .isBetween((long) (0.59 * PlatformDependent.maxDirectMemory()), (long)
                        (0.6 * PlatformDependent.maxDirectMemory()));
    }

    @Test
    void refusesLimitsThatAreNotPositive() {
        assertIllegal(() -> SmallBrokers.config(0, 1, 1, 1, 1), "windowBytes: 0 (expected: > 0)");
        assertIllegal(() -> SmallBrokers.config(1, -1, 1, 1, 1), "maxTopics: -1 (expected: > 0)");
        assertIllegal(() -> SmallBrokers.config(1, 1, 0, 1, 1), "maxDictionaryBytes: 0 (expected: > 0)");
        assertIllegal(() -> SmallBrokers.config(1, 1, 1, -5, 1), "maxInFlightBytes: -5 (expected: > 0)");
        assertIllegal(() -> SmallBrokers.config(1, 1, 1, 1, 0), "maxProducers: 0 (expected: > 0)");
        assertThat(SmallBrokers.config(1, 1, 1, 1, 1).topics().maxTopics()).isOne();
    }

    @Test
    void refusesTimeLimitThatIsNone() {
        assertThat(BrokerConfig.DEFAULTS.blocking().blockTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertIllegal(
                () -> BrokerConfig.DEFAULTS.withBlocking(BlockLimits.DEFAULTS.withBlockTimeout(Duration.ZERO)),
                "blockTimeout: PT0S (expected: > 0)");
    }

    @Test
    void refusesMemoryThatIsNone() {
        assertIllegal(() -> BrokerConfig.DEFAULTS.withMemoryBytes(0), "memoryBytes: 0 (expected: > 0)");
    }

    @Test
    void refusesRetentionThatIsNone() {
        assertIllegal(() -> TopicConfig.DEFAULTS.withWindowBytes(0), "windowBytes: 0 (expected: > 0)");
        assertIllegal(() -> TopicConfig.DEFAULTS.withWindowBatches(0), "windowBatches: 0 (expected: > 0)");
        assertIllegal(
                () -> TopicConfig.DEFAULTS.withWindowAge(Duration.ofNanos(-1)),
                "windowAge: PT-0.000000001S (expected: >= 0)");
        assertIllegal(() -> override("*", 0L, null, null), "windowBytes: 0 (expected: > 0)");
        assertIllegal(() -> override("*", null, -1, null), "windowBatches: -1 (expected: > 0)");
        for (String pattern : List.of("", "a b", "a[0]", "é", "a".repeat(250))) {
            assertIllegal(
                    () -> new TopicPattern(pattern),
                    "pattern: " + pattern + " (expected: 1 to 249 of A-Z a-z 0-9 . _ - *)");
        }
    }

    @Test
    void appliesOverridesInTheirOrder() {
        BrokerConfig config = BrokerConfig.DEFAULTS.withOverrides(
                List.of(override("trades.*", 1L, 2, Duration.ofSeconds(3)), override("*.eu", 4L, null, null)));

        TopicConfig trades = TopicConfig.DEFAULTS.withWindowBatches(2).withWindowAge(Duration.ofSeconds(3));
        assertThat(config.topic(new TopicName("trades.us"))).isEqualTo(trades.withWindowBytes(1));
        assertThat(config.topic(new TopicName("trades.eu"))).isEqualTo(trades.withWindowBytes(4));
        assertThat(config.topic(new TopicName("quotes.eu"))).isEqualTo(TopicConfig.DEFAULTS.withWindowBytes(4));
        assertThat(config.topic(new TopicName("quotes"))).isEqualTo(TopicConfig.DEFAULTS);
    }

    private static TopicOverride override(
            String pattern, @Nullable Long bytes, @Nullable Integer batches, @Nullable Duration age) {
        DurableOverride durable = new DurableOverride(null, null, null, null);
        return new TopicOverride(new TopicPattern(pattern), bytes, batches, age, durable);
    }

    private static void assertIllegal(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
