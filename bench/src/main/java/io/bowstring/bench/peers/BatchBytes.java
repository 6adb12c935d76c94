package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The batches of a publisher that writes bytes, some at a time; every other one is a row shorter. Owns their memory. Confined to one
 * thread at a time.
 */
final class BatchBytes implements AutoCloseable {
    /** Where they go. */
    interface Target {
        /** Writes whole batches, borrowed. */
        void write(ByteBuffer bytes, int batches) throws IOException;
    }

    private final ByteBuf batches;
    private final int batchesPerWrite;

    /** Lengths of a batch, and of every other one, which is shorter. */
    private final int evenBytes;

    private final int oddBytes;
    private int sent;

    /** Makes batches of which at most {@code batchesPerWrite} are written at once. */
    BatchBytes(int bodyBytes, int batchesPerWrite) {
        this.batchesPerWrite = batchesPerWrite;
        int count = batchesPerWrite / 2 * 2 + 2; // there may be one of the shorter ones first
        this.batches = Streams.batches(bodyBytes, count, false);
        ByteBuf one = Streams.batch(bodyBytes);
        this.evenBytes = one.readableBytes();
        this.oddBytes = batches.readableBytes() / (count / 2) - evenBytes;
        one.release();
    }

    /** Writes the next batches. */
    void send(int count, Target to) throws IOException {
        int left = count;
        while (left > 0) {
            int skipped = sent % 2;
            int now = Math.min(left, batchesPerWrite);
            int from = bytes(skipped);
            to.write(batches.nioBuffer(from, bytes(skipped + now) - from), now);
            sent += now;
            left -= now;
        }
    }

    /** Returns the length of the first batches. */
    private int bytes(int count) {
        return (count + 1) / 2 * evenBytes + count / 2 * oddBytes;
    }

    /** Returns how many have been written. */
    int sent() {
        return sent;
    }

    @Override
    public void close() {
        batches.release();
    }
}
