package io.bowstring.vector;

import io.bowstring.codec.IpcCompression;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link BatchWriter} writes. Immutable.
 *
 * @param compression of bodies, buffer by buffer, as far as it makes them shorter; null for none
 * @param zeroesNulls whether what stands in the slots of nulls is written as zeroes. Arrow says nothing of what is there: it
 *     may be values that were there before, or memory that was never written. A column that has nulls is copied for it, and
 *     the vectors stay as they are. Zeroed are values of fixed width, booleans, the bytes of texts and binaries, and views;
 *     not zeroed are values below a list or a struct that is null, unless they are null themselves, and the bytes that
 *     views refer to, which several may share
 * @param writesDeltas whether a dictionary that has grown is written as its new values alone; else it is written again, for
 *     readers that have no deltas, such as polars
 */
public record BatchWriterConfig(@Nullable IpcCompression compression, boolean zeroesNulls, boolean writesDeltas) {
    /** No compression, nulls as they are, deltas. */
    public static final BatchWriterConfig DEFAULTS = new BatchWriterConfig(null, false, true);

    /** Returns this configuration with another compression. */
    public BatchWriterConfig withCompression(@Nullable IpcCompression other) {
        return new BatchWriterConfig(other, zeroesNulls, writesDeltas);
    }

    /** Returns this configuration with nulls zeroed or not. */
    public BatchWriterConfig withZeroedNulls(boolean isZeroing) {
        return new BatchWriterConfig(compression, isZeroing, writesDeltas);
    }

    /** Returns this configuration with deltas of dictionaries or not. */
    public BatchWriterConfig withDeltas(boolean isWritingDeltas) {
        return new BatchWriterConfig(compression, zeroesNulls, isWritingDeltas);
    }
}
