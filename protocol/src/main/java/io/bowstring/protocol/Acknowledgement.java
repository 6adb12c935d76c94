package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One row of the reply to a {@link PublishRequest} that wants acknowledgements: what the topic holds of this publisher so far.
 * If the offset has risen by as many as batches were added since the row before, or since -1 in the first row, these batches
 * stand one after another up to the offset. Immutable.
 *
 * @param batches how many batches of this request the topic has, those that it had before included
 * @param offset of the last of them that was appended; of a producer, also by an earlier request; -1 where there is none
 * @param error why there will be no more, {@code CODE: message}; null while all is well
 */
public record Acknowledgement(
        long batches, long offset, @Nullable String error) {
    static final List<IpcField> FIELDS = List.of(
            IpcField.of("batches", false, IpcType.INT64),
            IpcField.of("offset", false, IpcType.INT64),
            IpcField.of("error", true, IpcType.UTF8));

    // The buffers of a batch that have the numbers.
    static final int BATCHES_BUFFER = 1;
    static final int OFFSET_BUFFER = 3;

    /** Returns the schema message of the reply, owned. */
    public static IpcSchema toSchema(ByteBufAllocator allocator) {
        return IpcSchema.of(FIELDS, Map.of(), allocator);
    }

    /** Returns this row as a batch, owned. */
    public IpcRecordBatch toBatch(ByteBufAllocator allocator) {
        return new Columns(1)
                .int64(LongStream.of(batches))
                .int64(LongStream.of(offset))
                .utf8(Collections.singletonList(error))
                .toBatch(allocator);
    }

    /** Returns the frame of the batch that {@link #toBatch} returns, owned; cheap where there is no error. */
    public ByteBuf toFrame(ByteBufAllocator allocator) {
        return error == null
                ? AcknowledgementFrame.of(batches, offset, allocator)
                : toBatch(allocator).frame(); // whose count is that of the batch
    }

    /**
     * Reads a row.
     *
     * @param batch of one row, as {@link #toBatch} writes it; borrowed
     * @throws IpcException {@code MALFORMED} where it is not
     */
    public static Acknowledgement parse(IpcRecordBatch batch) {
        if (batch.rowCount() != 1) {
            throw new IpcException(IpcErrorCode.MALFORMED, "rows", batch.rowCount(), "1");
        }
        IpcBatchMetadata metadata = batch.batchMetadata();
        if (metadata.nodeCount() != FIELDS.size()) {
            throw new IpcException(
                    IpcErrorCode.MALFORMED, "field nodes", metadata.nodeCount(), String.valueOf(FIELDS.size()));
        }
        ByteBuf batches = batch.buffer(BATCHES_BUFFER, Long.BYTES);
        ByteBuf offset = batch.buffer(OFFSET_BUFFER, Long.BYTES);
        boolean hasError = metadata.nullCount(2) == 0;
        ByteBuf offsets = batch.buffer(5, 2 * Integer.BYTES);
        int errorBytes = hasError ? offsets.getIntLE(offsets.readerIndex() + Integer.BYTES) : 0;
        String error = batch.buffer(6, Math.max(0, errorBytes)).toString(StandardCharsets.UTF_8);
        return new Acknowledgement(batches.readLongLE(), offset.readLongLE(), hasError ? error : null);
    }
}
