package io.bowstring.cli.bench;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The shape of a batch: columns of {@code int64} without nulls, all of one length. Immutable.
 *
 * @param columns at least 1
 * @param rows enough for a {@link Stamp}
 */
record BatchShape(int columns, int rows) {
    private static final int SHARED_ALIGNMENT = 64;

    /** Returns the smallest shape whose values take so many bytes. */
    static BatchShape of(int columns, BodySize body) {
        int rowBytes = columns * Long.BYTES;
        return new BatchShape(columns, (body.bytes() + rowBytes - 1) / rowBytes);
    }

    int columnBytes() {
        return rows * Long.BYTES;
    }

    /** Returns how long the body is: a long column, which is shared, begins at a multiple of 64. */
    int bodyBytes() {
        int alignment = columnBytes() >= IpcBatchBuilder.SHARED_FROM_BYTES ? SHARED_ALIGNMENT : Long.BYTES;
        int stride = (columnBytes() + alignment - 1) & -alignment;
        return (columns - 1) * stride + columnBytes();
    }

    /** Returns the schema of such batches, owned. */
    IpcSchema newSchema() {
        List<IpcField> fields = IntStream.range(0, columns)
                .mapToObj(column -> IpcField.of("column" + column, false, IpcType.INT64))
                .toList();
        return IpcSchema.of(fields, Map.of(), ByteBufAllocator.DEFAULT);
    }
}
