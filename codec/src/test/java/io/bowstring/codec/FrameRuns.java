package io.bowstring.codec;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** Batches that are alike. Not instantiable. */
final class FrameRuns {
    private FrameRuns() {}

    /** Returns a batch of one column and one row, owned. */
    static IpcRecordBatch batch(long value) {
        return PlainBatch.of(
                1,
                List.of(new PlainBatch.Node(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, Unpooled.copyLong(Long.reverseBytes(value))),
                UnpooledByteBufAllocator.DEFAULT);
    }
}
