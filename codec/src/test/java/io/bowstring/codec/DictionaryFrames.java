package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small dictionary batches, for tests; the codec writes none. Not instantiable. */
public final class DictionaryFrames {
    /** Prefix and metadata of a dictionary batch that holds one string of up to 8 bytes. */
    private static final byte[] HEAD = Wire.bytes("""
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
            """);

    private static final int PREFIX_BYTES = 8;

    private DictionaryFrames() {}

    /** Returns the bytes of a batch that sets a dictionary to a text of up to 8 bytes, or appends it; owned. */
    public static ByteBuf frame(long id, boolean isDelta, String text, ByteBufAllocator allocator) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = allocator.directBuffer().writeBytes(HEAD);
        frame.setLongLE(PREFIX_BYTES + 56, id).setByte(PREFIX_BYTES + 64, isDelta ? 1 : 0);
        return frame.writeIntLE(0).writeIntLE(bytes.length).writeBytes(bytes).writeZero(8 - bytes.length);
    }

    /** Returns a batch that sets a dictionary to one struct, of the first value of another dictionary; owned. */
    public static ByteBuf struct(long id, ByteBufAllocator allocator) {
        byte[] frame = new BatchBytes(1)
                .node(1, 0)
                .node(1, 0)
                .buffers(0, 0, Long.BYTES)
                .dictionary(id);
        return allocator.directBuffer().writeBytes(frame);
    }

    /**
     * Returns the text of a batch of texts, or the texts of several put together with a plus between; {@code (none)} of a
     * batch without values; borrowed.
     */
    public static String text(IpcDictionaryBatch batch) {
        IpcBatchMetadata metadata = batch.batchMetadata();
        if (metadata.rowCount() == 0) {
            return "(none)";
        }
        ByteBuf body = batch.body();
        int offsets = body.readerIndex() + (int) metadata.bufferOffset(1);
        int data = body.readerIndex() + (int) metadata.bufferOffset(2);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < metadata.rowCount(); i++) {
            int from = body.getIntLE(offsets + 4 * i);
            int until = body.getIntLE(offsets + 4 * i + 4);
            texts.add(body.toString(data + from, until - from, StandardCharsets.UTF_8));
        }
        return String.join("+", texts);
    }
}
