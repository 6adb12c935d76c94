package io.bowstring.protocol;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One row of the reply to a {@link ListRequest}. Immutable.
 *
 * @param topic the topic's name
 * @param fields its fields, as text
 * @param firstOffset the oldest offset that is retained
 * @param nextOffset the offset of the next batch
 * @param batches retained batches
 * @param rows rows of the retained batches
 * @param bytes memory that the topic retains
 * @param publishers publishers connected now
 * @param subscribers subscriptions active now
 * @param isSealed whether the topic is complete
 * @param totals what has passed through it
 */
public record TopicStatus(
        TopicName topic,
        String fields,
        long firstOffset,
        long nextOffset,
        long batches,
        long rows,
        long bytes,
        long publishers,
        long subscribers,
        boolean isSealed,
        TopicTotals totals) {
    /** How much text there is of one topic's fields. */
    private static final int MAX_FIELDS_CHARS = 1_000;

    private static final List<IpcField> FIELDS = List.of(
            IpcField.of("topic", false, IpcType.UTF8),
            IpcField.of("fields", false, IpcType.UTF8),
            IpcField.of("first_offset", false, IpcType.INT64),
            IpcField.of("next_offset", false, IpcType.INT64),
            IpcField.of("batches", false, IpcType.INT64),
            IpcField.of("rows", false, IpcType.INT64),
            IpcField.of("bytes", false, IpcType.INT64),
            IpcField.of("publishers", false, IpcType.INT64),
            IpcField.of("subscribers", false, IpcType.INT64),
            IpcField.of("sealed", false, IpcType.BOOL),
            IpcField.of("appended_batches", false, IpcType.INT64),
            IpcField.of("appended_rows", false, IpcType.INT64),
            IpcField.of("appended_bytes", false, IpcType.INT64),
            IpcField.of("delivered_batches", false, IpcType.INT64),
            IpcField.of("delivered_bytes", false, IpcType.INT64),
            IpcField.of("gap_batches", false, IpcType.INT64),
            IpcField.of("cut_subscribers", false, IpcType.INT64));

    /** Returns a topic's fields as text, the first of them where there are many. */
    public static String describe(List<IpcField> fields) {
        String text = fields.stream().map(IpcField::toString).collect(Collectors.joining(", "));
        return text.length() <= MAX_FIELDS_CHARS ? text : text.substring(0, MAX_FIELDS_CHARS) + "…";
    }

    /** Returns the schema message of the reply, owned. */
    public static IpcSchema toSchema(ByteBufAllocator allocator) {
        return IpcSchema.of(FIELDS, Map.of(), allocator);
    }

    /** Returns the rows of the reply as one batch, owned. */
    public static IpcRecordBatch toBatch(List<TopicStatus> rows, ByteBufAllocator allocator) {
        return new Columns(rows.size())
                .utf8(rows.stream().map(row -> row.topic.value()).toList())
                .utf8(rows.stream().map(TopicStatus::fields).toList())
                .int64(rows.stream().mapToLong(TopicStatus::firstOffset))
                .int64(rows.stream().mapToLong(TopicStatus::nextOffset))
                .int64(rows.stream().mapToLong(TopicStatus::batches))
                .int64(rows.stream().mapToLong(TopicStatus::rows))
                .int64(rows.stream().mapToLong(TopicStatus::bytes))
                .int64(rows.stream().mapToLong(TopicStatus::publishers))
                .int64(rows.stream().mapToLong(TopicStatus::subscribers))
                .bool(rows.stream().map(TopicStatus::isSealed).toList())
                .int64(rows.stream().mapToLong(row -> row.totals.appendedBatches()))
                .int64(rows.stream().mapToLong(row -> row.totals.appendedRows()))
                .int64(rows.stream().mapToLong(row -> row.totals.appendedBytes()))
                .int64(rows.stream().mapToLong(row -> row.totals.deliveredBatches()))
                .int64(rows.stream().mapToLong(row -> row.totals.deliveredBytes()))
                .int64(rows.stream().mapToLong(row -> row.totals.gapBatches()))
                .int64(rows.stream().mapToLong(row -> row.totals.cutSubscribers()))
                .toBatch(allocator);
    }

    /**
     * Reads the names of the topics.
     *
     * @param batch as {@link #toBatch} writes it; borrowed
     * @throws io.bowstring.codec.IpcException {@code MALFORMED} where it is not
     */
    public static List<String> topics(IpcRecordBatch batch) {
        int count = (int) Math.min(batch.rowCount(), Integer.MAX_VALUE / Integer.BYTES - 1);
        ByteBuf offsets = batch.buffer(1, (count + 1) * Integer.BYTES);
        int bytes = offsets.getIntLE(offsets.readerIndex() + count * Integer.BYTES);
        ByteBuf data = batch.buffer(2, Math.max(0, bytes));
        List<String> names = new ArrayList<>();
        int start = offsets.readIntLE();
        for (int i = 0; i < count; i++) {
            int end = offsets.readIntLE();
            if (start < 0 || end < start || end > bytes) {
                throw new IpcException(
                        IpcErrorCode.MALFORMED, "topic", "bytes " + start + " to " + end, "ascending, to " + bytes);
            }
            names.add(data.toString(data.readerIndex() + start, end - start, StandardCharsets.UTF_8));
            start = end;
        }
        return names;
    }
}
