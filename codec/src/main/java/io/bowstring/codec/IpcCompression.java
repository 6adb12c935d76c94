package io.bowstring.codec;

/**
 * How the buffers of a body are compressed, each for itself behind its length. The order is that of {@code CompressionType}
 * in {@code Message.fbs}. Immutable.
 */
public enum IpcCompression {
    /** LZ4 frames, with their magic number. */
    LZ4_FRAME,
    /** Zstandard frames. */
    ZSTD
}
