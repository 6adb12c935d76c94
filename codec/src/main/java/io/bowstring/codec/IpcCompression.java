package io.bowstring.codec;

/**
 * How the buffers of a body are compressed, each for itself after its length; each with its value of {@code
 * CompressionType} in {@code Message.fbs}. Immutable.
 */
public enum IpcCompression {
    /** LZ4 frames, with their magic number. A byte makes a match longer by 255 at most. */
    LZ4_FRAME(0, 255),
    /** Zstandard frames. A block of 4 bytes may stand for 128 KiB. */
    ZSTD(1, 32 << 10);

    private final int codec;
    private final int maxExpansion;

    IpcCompression(int codec, int maxExpansion) {
        this.codec = codec;
        this.maxExpansion = maxExpansion;
    }

    /** Returns how many bytes a byte of a frame becomes at most: what a buffer may be said to be before it is decompressed. */
    public int maxExpansion() {
        return maxExpansion;
    }

    /** Returns the value of {@code BodyCompression.codec}. */
    int codec() {
        return codec;
    }
}
