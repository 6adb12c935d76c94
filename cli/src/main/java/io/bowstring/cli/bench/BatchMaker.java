package io.bowstring.cli.bench;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Map;

/**
 * Makes batches that differ in their stamps alone, so that it copies little: long columns share one memory, and short ones are
 * copied from it.
 *
 * <pre>
 *   column 0: │ stamp ║ values ...        │     long: a buffer of its own, then what all columns share
 *   column 1: │ values ...                │
 * </pre>
 *
 * <p>Owns that memory until it is closed; batches have references of their own. Confined to one thread.
 */
final class BatchMaker implements AutoCloseable {
    private final BatchShape shape;
    private final boolean isLong;

    /** Of one column if that is long, else of all. */
    private final ByteBuf values;

    BatchMaker(BatchShape shape) {
        this.shape = shape;
        this.isLong = shape.columnBytes() >= IpcBatchBuilder.SHARED_FROM_BYTES;
        int count = isLong ? shape.rows() : shape.rows() * shape.columns();
        this.values = ByteBufAllocator.DEFAULT.directBuffer(count * Long.BYTES);
        for (int i = 0; i < count; i++) {
            values.writeLongLE(i);
        }
    }

    /** Returns the next batch, owned. */
    IpcRecordBatch make(Stamp stamp) {
        try (IpcBatchBuilder builder =
                new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, ByteBufAllocator.DEFAULT)) {
            if (!isLong) {
                stamp.write(values);
            }
            for (int column = 0; column < shape.columns(); column++) {
                builder.addNode(shape.rows(), 0);
                builder.addBuffer(Unpooled.EMPTY_BUFFER); // no validity: there are no nulls
                builder.addBuffer(isLong && column == 0 ? stamped(stamp) : column(isLong ? 0 : column));
            }
            return builder.recordBatch(shape.rows(), Map.of());
        }
    }

    /** Returns the values of a column, owned. */
    private ByteBuf column(int index) {
        return values.retainedSlice(index * shape.columnBytes(), shape.columnBytes());
    }

    /** Returns a long column that begins with a stamp, owned. */
    private ByteBuf stamped(Stamp stamp) {
        ByteBuf first = ByteBufAllocator.DEFAULT.directBuffer(Stamp.BYTES).writeZero(Stamp.BYTES);
        stamp.write(first);
        ByteBuf rest = values.retainedSlice(Stamp.BYTES, shape.columnBytes() - Stamp.BYTES);
        return ByteBufAllocator.DEFAULT.compositeDirectBuffer(2).addComponents(true, first, rest);
    }

    @Override
    public void close() {
        values.release();
    }
}
