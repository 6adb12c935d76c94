package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Collects the columns of a small reply table, on the heap. Confined to the caller's thread. */
final class Columns {
    private final int rowCount;
    private final List<Long> nullCounts = new ArrayList<>();
    private final List<ByteBuf> buffers = new ArrayList<>();

    Columns(int rowCount) {
        this.rowCount = rowCount;
    }

    Columns int64(LongStream values) {
        ByteBuf data = Unpooled.buffer(rowCount * Long.BYTES);
        values.forEach(data::writeLongLE);
        return column(0, Unpooled.EMPTY_BUFFER, data);
    }

    Columns bool(List<Boolean> values) {
        return column(0, Unpooled.EMPTY_BUFFER, bits(values));
    }

    /** Adds a column of strings, of which some may be null. */
    Columns utf8(List<? extends @Nullable String> values) {
        List<Boolean> valid = new ArrayList<>();
        ByteBuf offsets = Unpooled.buffer((rowCount + 1) * Integer.BYTES).writeIntLE(0);
        ByteBuf data = Unpooled.buffer();
        for (String value : values) {
            valid.add(value != null);
            if (value != null) {
                data.writeBytes(value.getBytes(StandardCharsets.UTF_8));
            }
            offsets.writeIntLE(data.readableBytes());
        }
        long nullCount = valid.stream().filter(isValid -> !isValid).count();
        return column(nullCount, nullCount == 0 ? Unpooled.EMPTY_BUFFER : bits(valid), offsets, data);
    }

    /** Returns the batch, owned; once. */
    IpcRecordBatch toBatch(ByteBufAllocator allocator) {
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, Integer.MAX_VALUE, allocator)) {
            nullCounts.forEach(nullCount -> batch.addNode(rowCount, nullCount));
            buffers.forEach(batch::addBuffer);
            return batch.recordBatch(rowCount, Map.of());
        }
    }

    private Columns column(long nullCount, ByteBuf... columnBuffers) {
        nullCounts.add(nullCount);
        buffers.addAll(List.of(columnBuffers));
        return this;
    }

    private static ByteBuf bits(List<Boolean> values) {
        byte[] bytes = new byte[(values.size() + 7) / 8];
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i)) {
                bytes[i / 8] |= (byte) (1 << i % 8);
            }
        }
        return Unpooled.wrappedBuffer(bytes);
    }
}
