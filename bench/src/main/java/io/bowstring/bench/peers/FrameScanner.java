package io.bowstring.bench.peers;

import io.bowstring.bench.TrustedFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * Tells of each record batch of a stream, by its number, when its last byte has come. Reads no more of it than two lengths;
 * bodies are skipped. Confined to one thread.
 */
final class FrameScanner {
    private static final int PREFIX_BYTES = 8;

    private final IntConsumer onBatch;

    /** Bytes that are still to be skipped: of a message, or before the first. */
    private long rest;

    private boolean isInBatch;
    private int batches;

    /** Creates a scanner of a stream that begins after {@code skippedBytes}. */
    FrameScanner(int skippedBytes, IntConsumer onBatch) {
        this.rest = skippedBytes;
        this.onBatch = onBatch;
    }

    int batches() {
        return batches;
    }

    /** Takes what it needs no more of the bytes from a position on; the rest is to be offered again with what follows. */
    void scan(ByteBuffer bytes) {
        while (skip(bytes) && bytes.remaining() >= PREFIX_BYTES) {
            ByteBuf in = Unpooled.wrappedBuffer(bytes);
            int metadataBytes = in.getIntLE(in.readerIndex() + Integer.BYTES);
            int whole = metadataBytes == 0 ? PREFIX_BYTES : TrustedFrame.bytes(in);
            if (whole < 0) {
                return; // its head has not all come
            }
            rest = whole;
            isInBatch = whole > PREFIX_BYTES + metadataBytes; // a schema has no body
        }
    }

    /** Skips what it can, and returns whether that was all of the message. */
    private boolean skip(ByteBuffer bytes) {
        int skipped = (int) Math.min(rest, bytes.remaining());
        bytes.position(bytes.position() + skipped);
        rest -= skipped;
        if (rest == 0 && isInBatch) {
            isInBatch = false;
            onBatch.accept(batches++);
        }
        return rest == 0;
    }
}
