package io.bowstring.bench.peers;

import io.bowstring.bench.TrustedFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * Reports the length of the body of each record batch of a stream, when the last byte of the batch has come. It reads two lengths
 * of each message and skips the bodies. Confined to one thread.
 */
final class FrameScanner {
    private static final int PREFIX_BYTES = 8;

    private final LongConsumer onBatch;

    /** Bytes that are still to be skipped: of a message, or before the first. */
    private long rest;

    /** The length of the body that is being skipped; 0 if none is. */
    private int bodyBytes;

    /** Creates a scanner of a stream that begins after {@code skippedBytes}. */
    FrameScanner(int skippedBytes, LongConsumer onBatch) {
        this.rest = skippedBytes;
        this.onBatch = onBatch;
    }

    /** Takes what it needs no more of the bytes from a position on; the rest is to be offered again with what follows. */
    void scan(ByteBuffer bytes) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        while (skip(bytes) && bytes.remaining() >= PREFIX_BYTES) {
            in.readerIndex(in.writerIndex() - bytes.remaining());
            int metadataBytes = in.getIntLE(in.readerIndex() + Integer.BYTES);
            int whole = metadataBytes == 0 ? PREFIX_BYTES : TrustedFrame.bytes(in);
            if (whole < 0) {
                return; // its head has not all come
            }
            rest = whole;
            bodyBytes = whole - PREFIX_BYTES - metadataBytes; // a schema has none
        }
    }

    /** Skips what it can, and returns whether that was all of the message. */
    private boolean skip(ByteBuffer bytes) {
        int skipped = (int) Math.min(rest, bytes.remaining());
        bytes.position(bytes.position() + skipped);
        rest -= skipped;
        if (rest == 0 && bodyBytes > 0) {
            onBatch.accept(bodyBytes);
            bodyBytes = 0;
        }
        return rest == 0;
    }
}
