package io.bowstring.cli.bench;

import io.netty.buffer.ByteBuf;

/**
 * A mark in the first bytes of the body of a batch, which are the first values of its columns. It says which publication the
 * batch is of, and when it was due.
 *
 * <pre>
 *   0        8          16           24       32
 *   │ stream │ sequence │ due: nanos │ counts │ values
 *   └──────── int64, little-endian ───────────┘
 * </pre>
 *
 * <p>Immutable.
 *
 * @param stream which publication the batch is of: random, so that no two are alike in any process
 * @param sequence the number of the batch in its stream, from 0 on
 * @param dueNanos when it should have been sent, since the epoch
 * @param counts whether it is measured; the batches of the warm-up are not
 */
record Stamp(long stream, long sequence, long dueNanos, boolean counts) {
    /** How long it is. */
    static final int BYTES = 4 * Long.BYTES;

    private static final int SEQUENCE = 8;
    private static final int DUE = 16;
    private static final int COUNTS = 24;

    /** Writes it over the first bytes of a buffer, borrowed. */
    void write(ByteBuf to) {
        int start = to.readerIndex();
        to.setLongLE(start, stream);
        to.setLongLE(start + SEQUENCE, sequence);
        to.setLongLE(start + DUE, dueNanos);
        to.setLongLE(start + COUNTS, counts ? 1 : 0);
    }

    /**
     * Reads that of a batch.
     *
     * @param body borrowed
     * @throws BenchException if the body is too short for one
     */
    static Stamp read(ByteBuf body) {
        if (body.readableBytes() < BYTES) {
            throw new BenchException(
                    "body of a batch: " + body.readableBytes() + " bytes (expected: one that bench has published)");
        }
        int start = body.readerIndex();
        return new Stamp(
                body.getLongLE(start),
                body.getLongLE(start + SEQUENCE),
                body.getLongLE(start + DUE),
                body.getLongLE(start + COUNTS) != 0);
    }
}
