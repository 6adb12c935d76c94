package io.bowstring.vector;

/**
 * What a reader of vectors accepts. Immutable.
 *
 * @param maxDecompressedBytes buffers of one message when they are decompressed, in bytes; and columns of one batch when they
 *     are {@linkplain VectorBatch#newDecodedRoot decoded}, and apart from those what decoding takes on the heap
 * @param checksValues whether values that say where others are, such as offsets, are held against what is there; without
 *     it a peer's batch may make a reader of its vectors throw anything, and with Arrow's own bounds checking switched off,
 *     read anything. Of such values a batch may have 16 for each byte of its body, and 1,048,576: fields may share
 *     buffers, and not make a short body long work
 * @param checksUtf8 whether texts are held against UTF-8, which Arrow says that they are and nothing here needs; null ones are
 *     not. Values are then checked too, whatever {@code checksValues} says, and each byte of a text counts as such a value:
 *     a batch of views most of which are the same long text is refused. Takes about as long as reading the texts
 */
public record VectorConfig(int maxDecompressedBytes, boolean checksValues, boolean checksUtf8) {
    /** For strangers: 256 MiB, and values are checked; texts may be any bytes. */
    public static final VectorConfig DEFAULTS = new VectorConfig(256 << 20, true, false);

    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public VectorConfig {
        if (maxDecompressedBytes <= 0) {
            throw new IllegalArgumentException(
                    "maxDecompressedBytes: " + maxDecompressedBytes + " (expected: 1.." + Integer.MAX_VALUE + ")");
        }
    }

    /** Returns this configuration with another {@code maxDecompressedBytes}. */
    public VectorConfig withMaxDecompressedBytes(int bytes) {
        return new VectorConfig(bytes, checksValues, checksUtf8);
    }

    /** Returns this configuration with values checked or not. */
    public VectorConfig withValueChecks(boolean areChecked) {
        return new VectorConfig(maxDecompressedBytes, areChecked, checksUtf8);
    }

    /** Returns this configuration with texts checked or not. */
    public VectorConfig withUtf8Checks(boolean areChecked) {
        return new VectorConfig(maxDecompressedBytes, checksValues, areChecked);
    }
}
