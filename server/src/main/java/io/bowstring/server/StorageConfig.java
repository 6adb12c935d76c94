package io.bowstring.server;

import io.bowstring.storage.FileStorage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where durable topics are kept. Immutable.
 *
 * @param data the directory of all topics; null where they are in memory alone
 * @param minFreeBytes that stay free on its disk: publishers are refused before
 */
public record StorageConfig(@Nullable Path data, long minFreeBytes) {
    /** All in memory. */
    public static final StorageConfig DEFAULTS = new StorageConfig(null, FileStorage.MIN_FREE_BYTES);

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public StorageConfig {
        if (minFreeBytes < 0) {
            throw new IllegalArgumentException("minFreeBytes: " + minFreeBytes + " (expected: >= 0)");
        }
    }

    /** Returns this configuration with another directory, or without one where it is null. */
    public StorageConfig withData(@Nullable Path directory) {
        return new StorageConfig(directory, minFreeBytes);
    }

    /** Returns this configuration with another number of bytes that stay free. */
    public StorageConfig withMinFreeBytes(long bytes) {
        return new StorageConfig(data, bytes);
    }
}
