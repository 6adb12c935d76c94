package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * The frame of a row without an error: all of them are alike but for two numbers, so that it is written once, and then copied.
 * Not instantiable.
 */
final class AcknowledgementFrame {
    private static final byte[] FRAME;
    private static final int BATCHES_INDEX;
    private static final int OFFSET_INDEX;

    static {
        IpcRecordBatch batch = new Acknowledgement(0, 0, null).toBatch(UnpooledByteBufAllocator.DEFAULT);
        int bodyIndex = batch.frameBytes() - batch.body().readableBytes();
        IpcBatchMetadata metadata = batch.batchMetadata();
        FRAME = ByteBufUtil.getBytes(batch.frame());
        BATCHES_INDEX = bodyIndex + (int) metadata.bufferOffset(Acknowledgement.BATCHES_BUFFER);
        OFFSET_INDEX = bodyIndex + (int) metadata.bufferOffset(Acknowledgement.OFFSET_BUFFER);
        batch.release();
    }

    private AcknowledgementFrame() {}

    /** Returns a copy with other numbers, owned. */
    static ByteBuf of(long batches, long offset, ByteBufAllocator allocator) {
        return allocator
                .directBuffer(FRAME.length, FRAME.length)
                .writeBytes(FRAME)
                .setLongLE(BATCHES_INDEX, batches)
                .setLongLE(OFFSET_INDEX, offset);
    }
}
