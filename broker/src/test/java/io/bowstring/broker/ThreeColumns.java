package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Batches of three columns, for those who want some of them. Not instantiable. */
final class ThreeColumns {
    static final List<IpcField> FIELDS = List.of(
            IpcField.of("a", false, IpcType.INT64),
            IpcField.of("b", false, IpcType.INT64),
            IpcField.of("c", false, IpcType.INT64));

    private ThreeColumns() {}

    /** Returns a batch of one row that has {@code value}, 10 more and 20 more; owned. */
    static IpcRecordBatch batch(long value, ByteBufAllocator allocator) {
        List<ByteBuf> buffers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            buffers.add(Unpooled.EMPTY_BUFFER);
            buffers.add(Unpooled.buffer().writeLongLE(value + 10 * i));
        }
        return PlainBatch.of(1, Collections.nCopies(3, new PlainBatch.Node(1, 0)), buffers, allocator);
    }
}
