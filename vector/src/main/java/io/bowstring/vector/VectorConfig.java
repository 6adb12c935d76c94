package io.bowstring.vector;

/**
 * What a reader of vectors accepts. Immutable.
 *
 * @param maxDecompressedBytes buffers of one message when they are decompressed, in bytes
 * @param checksValues whether values that say where others are, such as offsets, are held against what is there; without
 *     it a peer's batch may make who reads its vectors throw anything, and with Arrow's own bounds checking switched off,
 *     read anything. Of such values a batch may have 16 for each byte of its body, and 1,048,576: fields may share
 *     buffers, and not make a short body long work
 */
public record VectorConfig(int maxDecompressedBytes, boolean checksValues) {
    /** For strangers: 256 MiB, and values are checked. */
    public static final VectorConfig DEFAULTS = new VectorConfig(256 << 20, true);

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
        return new VectorConfig(bytes, checksValues);
    }

    /** Returns this configuration with values checked or not. */
    public VectorConfig withValueChecks(boolean areChecked) {
        return new VectorConfig(maxDecompressedBytes, areChecked);
    }
}
