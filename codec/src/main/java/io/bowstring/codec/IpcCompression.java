package io.bowstring.codec;

/**
 * How the buffers of a body are compressed, each for itself behind its length; each with its value of {@code
 * CompressionType} in {@code Message.fbs}. Immutable.
 */
public enum IpcCompression {
    /** LZ4 frames, with their magic number. */
    LZ4_FRAME(0),
    /** Zstandard frames. */
    ZSTD(1);

    private final int codec;

    IpcCompression(int codec) {
        this.codec = codec;
    }

    /** Returns the value of {@code BodyCompression.codec}. */
    int codec() {
        return codec;
    }
}
