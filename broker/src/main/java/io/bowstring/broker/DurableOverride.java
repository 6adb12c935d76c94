package io.bowstring.broker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Changes {@link DurableConfig} for the topics of a pattern; what is null stays as it is. Immutable.
 *
 * @param isDurable as in {@link DurableConfig}; null: it stays
 * @param sync as in {@link DurableConfig}; null: it stays
 * @param retainedBytes as in {@link DurableConfig}; null: it stays
 * @param retainedAge as in {@link DurableConfig}; null: it stays
 */
public record DurableOverride(
        @Nullable Boolean isDurable,
        @Nullable SyncPolicy sync,
        @Nullable Long retainedBytes,
        @Nullable Duration retainedAge) {
    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public DurableOverride {
        applied(DurableConfig.DEFAULTS, isDurable, sync, retainedBytes, retainedAge);
    }

    /** Returns a configuration with what this one overrides. */
    DurableConfig applyTo(DurableConfig config) {
        return applied(config, isDurable, sync, retainedBytes, retainedAge);
    }

    private static DurableConfig applied(
            DurableConfig config,
            @Nullable Boolean isDurable,
            @Nullable SyncPolicy sync,
            @Nullable Long bytes,
            @Nullable Duration age) {
        return config.withDurable(isDurable == null ? config.isDurable() : isDurable)
                .withSync(sync == null ? config.sync() : sync)
                .withRetainedBytes(bytes == null ? config.retainedBytes() : bytes)
                .withRetainedAge(age == null ? config.retainedAge() : age);
    }
}
