package io.bowstring.bench;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The streams that are measured: ten columns of 64-bit integers without nulls. */
public final class Streams {
    public static final int COLUMNS = 10;
    public static final long ROW_BYTES = COLUMNS * Long.BYTES;

    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private Streams() {}

    public static List<IpcField> fields() {
        return IntStream.range(0, COLUMNS)
                .mapToObj(i -> IpcField.of("column" + i, true, IpcType.INT64))
                .toList();
    }

    /** Returns how many rows make a body of about {@code bodyBytes}. */
    public static int rows(int bodyBytes) {
        return Math.max(1, bodyBytes / (COLUMNS * Long.BYTES));
    }

    /** Returns the schema message; owned. */
    public static ByteBuf schema() {
        IpcSchema schema = IpcSchema.of(fields(), Map.of(), ALLOCATOR);
        try {
            return schema.frame().copy();
        } finally {
            schema.release();
        }
    }

    /** Returns one record batch, its body as near to {@code bodyBytes} as ten columns allow; owned. */
    public static ByteBuf batch(int bodyBytes) {
        int rows = rows(bodyBytes);
        ByteBuf values = ALLOCATOR.directBuffer(rows * Long.BYTES);
        for (int row = 0; row < rows; row++) {
            values.writeLongLE(row);
        }
        try {
            return batch(rows, List.of(Unpooled.EMPTY_BUFFER, values));
        } finally {
            values.release();
        }
    }

    /** Returns one record batch, of ten columns that all have these buffers, borrowed; owned. */
    static ByteBuf batch(int rows, List<ByteBuf> columnBuffers) {
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, Integer.MAX_VALUE, ALLOCATOR)) {
            for (int i = 0; i < COLUMNS; i++) {
                builder.addNode(rows, 0);
                columnBuffers.forEach(buffer -> builder.addBuffer(buffer.retain()));
            }
            IpcRecordBatch batch = builder.recordBatch(rows, Map.of());
            try {
                return batch.frame().copy();
            } finally {
                batch.release();
            }
        }
    }

    /**
     * Returns {@code count} record batches, one after the other in one buffer; owned. Every other one is a row shorter, so
     * that none has the metadata of the one before, unless they shall be alike.
     */
    public static ByteBuf batches(int bodyBytes, int count, boolean areAlike) {
        ByteBuf batch = batch(bodyBytes);
        ByteBuf other = areAlike ? batch.retain() : batch(bodyBytes - COLUMNS * Long.BYTES);
        try {
            ByteBuf all = ALLOCATOR.directBuffer(Math.multiplyExact(batch.readableBytes(), count));
            for (int i = 0; i < count; i++) {
                ByteBuf next = i % 2 == 0 ? batch : other;
                all.writeBytes(next, next.readerIndex(), next.readableBytes());
            }
            return all;
        } finally {
            batch.release();
            other.release();
        }
    }
}
