package io.bowstring.broker;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What the publishers of these tests send; all results are owned. Not instantiable. */
final class Messages {
    /** One plain column. */
    static final List<IpcField> PLAIN = List.of(IpcField.of("value", false, IpcType.INT64));

    /** What {@link #batch(long, ByteBufAllocator)} counts for in a window. */
    static final long BATCH_WEIGHT = weightBytes(batch(0, UnpooledByteBufAllocator.DEFAULT));

    /** What {@link #dictionary} counts for in a window and in the limit, with the topic's id. */
    static final long DICTIONARY_WEIGHT = weightBytes(
            dictionary(0, "", UnpooledByteBufAllocator.DEFAULT).withId(0, UnpooledByteBufAllocator.DEFAULT));

    private Messages() {}

    static IpcSchema schema(List<IpcField> fields, ByteBufAllocator allocator) {
        return IpcSchema.of(fields, Map.of(), allocator);
    }

    /** Returns a field of dictionary-encoded strings; its indices are as wide as the values of a plain column. */
    static IpcField encoded(String name, long id) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.INT64, false);
        return new IpcField(name, true, IpcType.UTF8, encoding, List.of());
    }

    /** Returns a batch with one column of one row. */
    static IpcRecordBatch batch(long value, ByteBufAllocator allocator) {
        return batch(1, value, allocator);
    }

    /** Returns a batch of one row, which has the same value in each of its columns. */
    static IpcRecordBatch batch(int columns, long value, ByteBufAllocator allocator) {
        return batch(1, columns, value, allocator);
    }

    /** Returns a batch that has the same value in each row of its columns; also where it has no rows it has one there. */
    static IpcRecordBatch batch(int rows, int columns, long value, ByteBufAllocator allocator) {
        List<ByteBuf> buffers = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
            ByteBuf values = Unpooled.buffer();
            for (int row = 0; row < Math.max(1, rows); row++) {
                values.writeLongLE(value);
            }
            buffers.add(Unpooled.EMPTY_BUFFER);
            buffers.add(values);
        }
        return PlainBatch.of(rows, Collections.nCopies(columns, new PlainBatch.Node(rows, 0)), buffers, allocator);
    }

    /** Returns a batch of one column with {@code rows} rows that begins with {@code value}. */
    static IpcRecordBatch longBatch(int rows, long value, ByteBufAllocator allocator) {
        ByteBuf data = Unpooled.buffer().writeLongLE(value).writeZero(8 * (rows - 1));
        return PlainBatch.of(
                rows, List.of(new PlainBatch.Node(rows, 0)), List.of(Unpooled.EMPTY_BUFFER, data), allocator);
    }

    /** Returns a batch that sets a dictionary to one short string. */
    static IpcDictionaryBatch dictionary(long id, String text, ByteBufAllocator allocator) {
        return dictionary(id, false, text, allocator);
    }

    /** Returns a batch that adds one short string to a dictionary. */
    static IpcDictionaryBatch delta(long id, String text, ByteBufAllocator allocator) {
        return dictionary(id, true, text, allocator);
    }

    private static IpcDictionaryBatch dictionary(long id, boolean isDelta, String text, ByteBufAllocator allocator) {
        return dictionary(encoded("", id), DictionaryFrames.frame(id, isDelta, text, allocator));
    }

    /** Returns a field of dictionary-encoded structs of dictionary-encoded strings. */
    static IpcField encodedStruct(String name, long id, long stringsId) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.INT64, false);
        IpcType type = IpcType.of(IpcTypeId.STRUCT);
        return new IpcField(name, true, type, encoding, List.of(encoded("s", stringsId)));
    }

    /** Returns a batch that sets a dictionary to one struct of the first of the strings. */
    static IpcDictionaryBatch struct(long id, long stringsId, ByteBufAllocator allocator) {
        return dictionary(encodedStruct("", id, stringsId), DictionaryFrames.struct(id, allocator));
    }

    private static IpcDictionaryBatch dictionary(IpcField field, ByteBuf frame) {
        FrameReader reader = new FrameReader();
        reader.read(schema(List.of(field), UnpooledByteBufAllocator.DEFAULT).frame())
                .release();
        return (IpcDictionaryBatch) reader.read(frame);
    }

    private static long weightBytes(IpcMessage message) {
        long bytes = message.frameBytes() + Block.OVERHEAD_BYTES;
        message.release();
        return bytes;
    }
}
