package io.bowstring.vector;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;

/**
 * One compressed buffer of a body, and what is known of it before it is decompressed. Owns nothing. Immutable.
 *
 * @param compression its format
 * @param name what messages call it
 * @param address of its first byte
 * @param bytes how long it is
 */
record CompressedFrame(IpcCompression compression, String name, long address, long bytes) {
    private static final int MALFORMED = -1;

    /**
     * Checks what is said of the length that the frame has when it is decompressed, before there is memory for it.
     *
     * @throws IpcException {@code MALFORMED} where no frame of this length has so much in it
     */
    static void requirePossible(IpcCompression compression, String name, long frameBytes, long declared) {
        long maxFactor = compression.maxExpansion();
        if (declared > maxFactor * frameBytes) {
            String rule = "<= " + maxFactor + " for each of " + frameBytes;
            throw new IpcException(IpcErrorCode.MALFORMED, "decompressed bytes of " + name, declared, rule);
        }
    }

    /**
     * Decompresses the frame.
     *
     * @param target address of the memory to write to
     * @param targetBytes how much there must be in the frame
     * @throws IpcException where that is not so, or zstd has no native code for this platform
     */
    void decompress(long target, long targetBytes) {
        long written = switch (compression) {
            case LZ4_FRAME -> Lz4FrameReader.decompress(address, bytes, target, targetBytes);
            case ZSTD -> decompressZstd(target, targetBytes);
        };
        if (written != targetBytes) {
            String is = written < 0 ? "malformed or longer" : written + " bytes";
            String rule = targetBytes + " bytes, as is written before it";
            throw new IpcException(IpcErrorCode.MALFORMED, compression + " of " + name, is, rule);
        }
    }

    /** Returns how many bytes have been written, negative where the source is wrong. */
    private long decompressZstd(long target, long targetBytes) {
        try {
            long written = Zstd.decompressUnsafe(target, targetBytes, address, bytes);
            return Zstd.isError(written) ? MALFORMED : written;
        } catch (LinkageError e) { // the library has native code for most platforms and not for all
            throw new IpcException(IpcErrorCode.UNSUPPORTED, "compression", "ZSTD", "LZ4_FRAME, or none: " + e);
        }
    }
}
