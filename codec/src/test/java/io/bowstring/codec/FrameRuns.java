package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Buffers that batches share, and batches for them. Not instantiable. */
public final class FrameRuns {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private FrameRuns() {}

    /** Returns a buffer that batches share; owned. */
    public static ByteBuf run(int capacityBytes, Runnable onFree) {
        return ForeignBuffer.over(ALLOCATOR.directBuffer(capacityBytes, capacityBytes), onFree);
    }

    /** Returns a batch of one column and one row, owned. */
    public static IpcRecordBatch batch(long value) {
        return PlainBatch.of(
                1,
                List.of(new PlainBatch.Node(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, Unpooled.copyLong(Long.reverseBytes(value))),
                ALLOCATOR);
    }

    /** Returns a batch of one column and one row that stands in a run, borrowed, which must have room for it; owned. */
    public static IpcRecordBatch append(ByteBuf run, long value, IpcMetadataEdit edit) {
        return Objects.requireNonNull(batch(value).tryEditInto(run, edit));
    }

    /** Returns an edit that adds an entry. */
    public static IpcMetadataEdit entry(String key, String value) {
        return new IpcMetadataEdit("x", Map.of(key, value));
    }

    /** Returns the bytes of a message, borrowed, as text. */
    public static String hex(IpcMessage message) {
        return ByteBufUtil.hexDump(message.frame());
    }
}
