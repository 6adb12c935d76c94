package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.Arrays;

/**
 * Some of the buffers of a body, gathered without copying them: those that touch, or have nothing but zero padding
 * between them, are one <i>run</i>; runs keep their order and their place modulo 64.
 *
 * <pre>
 *   body       │ a ... 0 │ b ... 0 │ c ... 0 │ d ... │
 *                        └──────── run ──────┘
 *   selected   │ zeroes │ b ... 0 │ c ... 0 │             no longer than the body, whatever overlaps in it
 * </pre>
 *
 * <p>Confined to the caller's thread; borrows the body.
 */
final class SelectedBody {
    /** Few enough for one gathering write with the head, and zeroes between the runs; the kernel takes 1,024 parts. */
    static final int MAX_RUNS = 256;

    private final ByteBuf body;

    /** For each run, where it begins in the old body, how long it is, and where it begins in the new one. */
    private int[] runs = new int[12];

    private int runInts;
    private int bodyBytes;

    /**
     * Gathers buffers.
     *
     * @param batch whose buffers are inside the body at multiples of 8; their offsets become those in the new body
     */
    SelectedBody(ByteBuf body, BatchTable batch) {
        this.body = body;
        long[] order = new long[batch.bufferCount()];
        for (int i = 0; i < order.length; i++) {
            order[i] = batch.offset(i) << 32 | i; // by where they are; which is which in the low bits
        }
        Arrays.sort(order);
        int end = -1;
        for (long next : order) {
            int buffer = (int) next;
            int start = (int) batch.offset(buffer);
            int length = (int) batch.bytes(buffer);
            if (length == 0) {
                batch.setOffset(buffer, 0);
                continue;
            }
            if (end < 0 || (start > end && !isPadding(end, start))) {
                closeRun(end);
                openRun(start);
            }
            end = Math.max(end, start + length);
            batch.setOffset(buffer, (long) runs[runInts - 1] + start - runs[runInts - 3]);
        }
        closeRun(end);
    }

    private void openRun(int start) {
        if (runInts == runs.length) {
            runs = Arrays.copyOf(runs, 2 * runInts);
        }
        runs[runInts] = start;
        runs[runInts + 2] = bodyBytes + (start - bodyBytes & Frame.BODY_ALIGNMENT - 1);
        runInts += 3;
    }

    /** Ends the last run, if there is one, where the old body ends or its padding is not zero, else at a multiple of 8. */
    private void closeRun(int end) {
        if (runInts > 0) {
            int padded = (end + 7) & -8;
            int runEnd = padded <= body.readableBytes() && isPadding(end, padded) ? padded : end;
            runs[runInts - 2] = runEnd - runs[runInts - 3];
            bodyBytes = (runs[runInts - 1] + runs[runInts - 2] + 7) & -8;
        }
    }

    private boolean isPadding(int from, int to) {
        if (to - from >= Frame.BODY_ALIGNMENT) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (body.getByte(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the length of the new body, a multiple of 8. */
    int readableBytes() {
        return bodyBytes;
    }

    /**
     * Returns a whole message.
     *
     * @param metadata finished
     * @param onFree runs once when all that is not shared is free, but not where this method throws
     * @return the frame, owned; it holds a reference to the body, unless that is empty or had to be copied
     */
    Frame newFrame(MetadataWriter metadata, Runnable onFree, ByteBufAllocator allocator) {
        boolean isCopied = bodyBytes == 0 || runInts / 3 > MAX_RUNS;
        ByteBuf head = Frame.newHead(metadata, 0, isCopied ? bodyBytes : Frame.BODY_ALIGNMENT, allocator);
        ForeignBuffer own = ForeignBuffer.over(head, () -> {});
        ByteBuf whole = isCopied ? Frame.filled(own, this::copyTo) : gatheredAfter(own, allocator);
        own.onFree(onFree); // now that nothing can fail any more
        return new Frame(whole, metadata.newHeader(0), 0);
    }

    private void copyTo(ByteBuf head) {
        int start = head.writerIndex();
        for (int i = 0; i < runInts; i += 3) {
            head.writeZero(start + runs[i + 2] - head.writerIndex()).writeBytes(body, runs[i], runs[i + 1]);
        }
        head.writeZero(start + bodyBytes - head.writerIndex());
    }

    /** Returns slices of the body after the head, owned; the head is consumed, whatever is thrown. */
    private ByteBuf gatheredAfter(ByteBuf head, ByteBufAllocator allocator) {
        try {
            return Frame.filled(allocator.compositeDirectBuffer(Integer.MAX_VALUE), parts -> addTo(parts, head));
        } finally {
            head.release();
        }
    }

    /** Adds the head and slices of the body, with slices of a few zeroes after the head between them. */
    private void addTo(CompositeByteBuf parts, ByteBuf head) {
        int zeroes = head.writerIndex();
        head.writeZero(Frame.BODY_ALIGNMENT);
        parts.addComponent(true, head.retainedSlice(head.readerIndex(), zeroes - head.readerIndex()));
        int written = 0;
        for (int i = 0; i < runInts; i += 3) {
            addZeroes(parts, head, zeroes, runs[i + 2] - written);
            parts.addComponent(true, body.retainedSlice(runs[i], runs[i + 1]));
            written = runs[i + 2] + runs[i + 1];
        }
        addZeroes(parts, head, zeroes, bodyBytes - written);
    }

    private static void addZeroes(CompositeByteBuf parts, ByteBuf head, int zeroes, int count) {
        if (count > 0) {
            parts.addComponent(true, head.retainedSlice(zeroes, count));
        }
    }
}
