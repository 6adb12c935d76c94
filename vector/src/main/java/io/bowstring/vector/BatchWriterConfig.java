package io.bowstring.vector;

import io.bowstring.codec.IpcCompression;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link BatchWriter} writes. Immutable.
 *
 * @param compression of bodies, buffer by buffer, as far as it makes them shorter; null for none
 * @param zstdLevel how hard zstd tries: from {@link #MIN_ZSTD_LEVEL}, the fastest, to {@link #MAX_ZSTD_LEVEL}, the shortest; 0
 *     is zstd's own default. The highest levels take up to a hundred times as long, and hundreds of megabytes while they work.
 *     With other compression it says nothing
 * @param zeroesNulls whether what stands in the slots of nulls is written as zeroes. Arrow says nothing of what is there: it
 *     may be values that were there before, or memory that was never written. A column that has nulls is copied for it, and
 *     the vectors stay as they are. Zeroed are values of fixed width, booleans, the bytes of texts and binaries, and views;
 *     not zeroed are values below a list or a struct that is null, unless they are null themselves, and the bytes that
 *     views refer to, which several may share
 * @param writesDeltas whether a dictionary that has grown is written as its new values alone; else it is written again, for
 *     readers that have no deltas, such as polars
 */
public record BatchWriterConfig(
        @Nullable IpcCompression compression, int zstdLevel, boolean zeroesNulls, boolean writesDeltas) {
    /** The fastest level of zstd. */
    public static final int MIN_ZSTD_LEVEL = -131_072;

    /** The level of zstd that compresses most. */
    public static final int MAX_ZSTD_LEVEL = 22;

    /** The level of zstd where nobody says otherwise; asking the library would load its native code. */
    private static final int DEFAULT_ZSTD_LEVEL = 3;

    /** No compression, zstd's default level, nulls as they are, deltas. */
    public static final BatchWriterConfig DEFAULTS = new BatchWriterConfig(null, DEFAULT_ZSTD_LEVEL, false, true);

    /**
     * Checks the level.
     *
     * @throws IllegalArgumentException if zstd does not have it
     */
    public BatchWriterConfig {
        if (zstdLevel < MIN_ZSTD_LEVEL || zstdLevel > MAX_ZSTD_LEVEL) {
            throw new IllegalArgumentException(
                    "zstdLevel: " + zstdLevel + " (expected: " + MIN_ZSTD_LEVEL + ".." + MAX_ZSTD_LEVEL + ")");
        }
    }

    /** Returns this configuration with another compression. */
    public BatchWriterConfig withCompression(@Nullable IpcCompression other) {
        return new BatchWriterConfig(other, zstdLevel, zeroesNulls, writesDeltas);
    }

    /**
     * Returns this configuration with another level of zstd, for where the compression is that.
     *
     * @throws IllegalArgumentException if zstd does not have it
     */
    public BatchWriterConfig withZstdLevel(int level) {
        return new BatchWriterConfig(compression, level, zeroesNulls, writesDeltas);
    }

    /** Returns this configuration with nulls zeroed or not. */
    public BatchWriterConfig withZeroedNulls(boolean isZeroing) {
        return new BatchWriterConfig(compression, zstdLevel, isZeroing, writesDeltas);
    }

    /** Returns this configuration with deltas of dictionaries or not. */
    public BatchWriterConfig withDeltas(boolean isWritingDeltas) {
        return new BatchWriterConfig(compression, zstdLevel, zeroesNulls, isWritingDeltas);
    }
}
