package io.bowstring.vector;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes batches in which anything may stand. Confined to the test's thread. */
final class BatchMaker {
    private final IpcBatchBuilder builder;
    private long rows = -1;

    BatchMaker() {
        this(null);
    }

    BatchMaker(@Nullable IpcCompression compression) {
        this(compression, UnpooledByteBufAllocator.DEFAULT);
    }

    /** Makes a batch in memory of {@code allocator}. */
    BatchMaker(@Nullable IpcCompression compression, ByteBufAllocator allocator) {
        builder = new IpcBatchBuilder(compression, Integer.MAX_VALUE, allocator);
    }

    BatchMaker node(long length, long nullCount) {
        builder.addNode(length, nullCount);
        rows = rows < 0 ? length : rows;
        return this;
    }

    BatchMaker bytes(int... bytes) {
        ByteBuf buffer = buffer();
        for (int value : bytes) {
            buffer.writeByte(value);
        }
        return add(buffer);
    }

    BatchMaker shorts(int... values) {
        ByteBuf buffer = buffer();
        for (int value : values) {
            buffer.writeShortLE(value);
        }
        return add(buffer);
    }

    BatchMaker ints(int... values) {
        ByteBuf buffer = buffer();
        for (int value : values) {
            buffer.writeIntLE(value);
        }
        return add(buffer);
    }

    BatchMaker longs(long... values) {
        ByteBuf buffer = buffer();
        for (long value : values) {
            buffer.writeLongLE(value);
        }
        return add(buffer);
    }

    BatchMaker zeroes(int bytes) {
        return add(buffer().writeZero(bytes));
    }

    BatchMaker compressed(byte[] frame, long decompressedBytes) {
        builder.addCompressed(buffer().writeBytes(frame), decompressedBytes);
        return this;
    }

    BatchMaker variadic(long count) {
        builder.addVariadicCount(count);
        return this;
    }

    /** Returns the length of the first field. */
    long rows() {
        return rows;
    }

    /** Returns a record batch, owned. */
    IpcRecordBatch recordBatch(long rows) {
        return recordBatch(rows, Map.of());
    }

    IpcRecordBatch recordBatch(long rows, Map<String, String> customMetadata) {
        try (builder) {
            return builder.recordBatch(rows, customMetadata);
        }
    }

    /** Returns a dictionary batch, owned. */
    IpcDictionaryBatch dictionary(long id, boolean isDelta, long values) {
        try (builder) {
            return builder.dictionaryBatch(id, isDelta, values);
        }
    }

    private BatchMaker add(ByteBuf buffer) {
        builder.addBuffer(buffer);
        return this;
    }

    private static ByteBuf buffer() {
        return UnpooledByteBufAllocator.DEFAULT.directBuffer();
    }
}
