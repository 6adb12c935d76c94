package io.bowstring.broker;

import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcFieldNode;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What the publishers of these tests send; all results are owned. Not instantiable. */
final class Messages {
    /** One plain column. */
    static final List<IpcField> PLAIN = List.of(IpcField.of("value", false, IpcType.INT64));

    /** Prefix and metadata of a dictionary batch that holds one string of up to 8 bytes. */
    private static final String DICTIONARY_HEAD = """
            FF FF FF FF              // continuation
            B0 00 00 00              // metadata bytes: 176
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            1C 00 00 00              //  20   header: DictionaryBatch at 20 + 28
            10 00 00 00 00 00 00 00  //  24   bodyLength: 16
            04 00 02 00              //  32   version: V5; header_type: DictionaryBatch; padding
            00 00                    //  36 padding
            0A 00 14 00              //  38 vtable of DictionaryBatch: 10 bytes, of a table of 20 bytes
            08 00 04 00 10 00        //  42   id at 8, data at 4, isDelta at 16
            0A 00 00 00              //  48 DictionaryBatch: its vtable at 48 - 10
            1C 00 00 00              //  52   data: RecordBatch at 52 + 28
            00 00 00 00 00 00 00 00  //  56   id: set below
            00 00 00 00              //  64   isDelta: set below; padding
            00 00                    //  68 padding
            0A 00 14 00              //  70 vtable of RecordBatch: 10 bytes, of a table of 20 bytes
            08 00 04 00 10 00        //  74   length at 8, nodes at 4, buffers at 16
            0A 00 00 00              //  80 RecordBatch: its vtable at 80 - 10
            10 00 00 00              //  84   nodes: vector at 84 + 16
            01 00 00 00 00 00 00 00  //  88   length: 1
            1C 00 00 00              //  96   buffers: vector at 96 + 28
            01 00 00 00              // 100 vector: 1 node
            01 00 00 00 00 00 00 00  // 104   length: 1
            00 00 00 00 00 00 00 00  // 112   null_count: 0
            00 00 00 00              // 120 padding
            03 00 00 00              // 124 vector: 3 buffers
            00 00 00 00 00 00 00 00  // 128   validity: offset 0
            00 00 00 00 00 00 00 00  // 136             length 0
            00 00 00 00 00 00 00 00  // 144   offsets:  offset 0
            08 00 00 00 00 00 00 00  // 152             length 8
            08 00 00 00 00 00 00 00  // 160   values:   offset 8
            08 00 00 00 00 00 00 00  // 168             length 8
            """;

    private static final byte[] DICTIONARY_HEAD_BYTES =
            HexFormat.of().parseHex(DICTIONARY_HEAD.replaceAll("//[^\n]*", "").replaceAll("\\s", ""));

    private static final int PREFIX_BYTES = 8;

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
        return IpcRecordBatch.of(rows, Collections.nCopies(columns, new IpcFieldNode(rows, 0)), buffers, allocator);
    }

    /** Returns a batch of one column with {@code rows} rows that begins with {@code value}. */
    static IpcRecordBatch longBatch(int rows, long value, ByteBufAllocator allocator) {
        ByteBuf data = Unpooled.buffer().writeLongLE(value).writeZero(8 * (rows - 1));
        return IpcRecordBatch.of(
                rows, List.of(new IpcFieldNode(rows, 0)), List.of(Unpooled.EMPTY_BUFFER, data), allocator);
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
        FrameReader reader = new FrameReader();
        reader.read(schema(List.of(encoded("", id)), allocator).frame()).release();
        return (IpcDictionaryBatch) reader.read(dictionaryFrame(id, isDelta, text, allocator));
    }

    /** Returns the bytes of a dictionary batch that holds one string of up to 8 bytes. */
    static ByteBuf dictionaryFrame(long id, boolean isDelta, String text, ByteBufAllocator allocator) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = allocator.directBuffer().writeBytes(DICTIONARY_HEAD_BYTES);
        frame.setLongLE(PREFIX_BYTES + 56, id).setByte(PREFIX_BYTES + 64, isDelta ? 1 : 0);
        return frame.writeIntLE(0).writeIntLE(bytes.length).writeBytes(bytes).writeZero(8 - bytes.length);
    }

    /** Returns the text of a batch made by {@link #dictionary}, which is borrowed. */
    static String text(IpcDictionaryBatch batch) {
        ByteBuf body = batch.body();
        return body.toString(body.readerIndex() + 8, body.getIntLE(body.readerIndex() + 4), StandardCharsets.UTF_8);
    }

    private static long weightBytes(IpcMessage message) {
        long bytes = message.frameBytes() + LogEntry.OVERHEAD_BYTES;
        message.release();
        return bytes;
    }
}
