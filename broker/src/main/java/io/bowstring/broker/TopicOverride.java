package io.bowstring.broker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Another retention for the topics whose names match a pattern. Immutable.
 *
 * @param windowBytes as in {@link TopicConfig}; null: it stays
 * @param windowBatches as in {@link TopicConfig}; null: it stays
 * @param windowAge as in {@link TopicConfig}; null: it stays
 * @param durable what is kept of it on disk
 */
public record TopicOverride(
        TopicPattern pattern,
        @Nullable Long windowBytes,
        @Nullable Integer windowBatches,
        @Nullable Duration windowAge,
        DurableOverride durable) {
    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public TopicOverride {
        applied(TopicConfig.DEFAULTS, windowBytes, windowBatches, windowAge);
    }

    /** Returns a configuration with what this one overrides. */
    TopicConfig applyTo(TopicConfig config) {
        return applied(config, windowBytes, windowBatches, windowAge).withDurable(durable.applyTo(config.durable()));
    }

    private static TopicConfig applied(
            TopicConfig config, @Nullable Long bytes, @Nullable Integer batches, @Nullable Duration age) {
        return new TopicConfig(
                bytes == null ? config.windowBytes() : bytes,
                batches == null ? config.windowBatches() : batches,
                age == null ? config.windowAge() : age,
                config.durable());
    }
}
