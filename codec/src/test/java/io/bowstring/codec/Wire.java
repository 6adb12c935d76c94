package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Messages written by hand, byte for byte, with what each byte means. The numbers in front of the comments are
 * positions in the metadata; the metadata stands 8 bytes into the message, see {@link #inMetadata}. Not instantiable.
 */
public final class Wire {
    /** A schema of one nullable int32 field {@code a}. */
    public static final byte[] SCHEMA = bytes("""
            FF FF FF FF              // continuation
            80 00 00 00              // metadata bytes: 128
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00                    //   8   version at 16
            12 00                    //  10   header_type at 18
            04 00                    //  12   header at 4
            08 00                    //  14   bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            18 00 00 00              //  20   header: Schema at 20 + 24
            00 00 00 00 00 00 00 00  //  24   bodyLength: 0
            04 00                    //  32   version: V5
            01 00                    //  34   header_type: Schema; padding
            08 00 08 00              //  36 vtable of Schema: 8 bytes, of a table of 8 bytes
            00 00                    //  40   endianness left out: little
            04 00                    //  42   fields at 4
            08 00 00 00              //  44 Schema: its vtable at 44 - 8
            04 00 00 00              //  48   fields: vector at 48 + 4
            01 00 00 00              //  52 vector: 1 field
            14 00 00 00              //  56   Field at 56 + 20
            10 00 14 00              //  60 vtable of Field: 16 bytes, of a table of 20 bytes
            04 00                    //  64   name at 4
            08 00                    //  66   nullable at 8
            09 00                    //  68   type_type at 9
            0C 00                    //  70   type at 12
            00 00                    //  72   dictionary left out
            10 00                    //  74   children at 16
            10 00 00 00              //  76 Field: its vtable at 76 - 16
            10 00 00 00              //  80   name: string at 80 + 16
            01 02 00 00              //  84   nullable: true; type_type: Int; padding
            18 00 00 00              //  88   type: Int at 88 + 24
            20 00 00 00              //  92   children: vector at 92 + 32
            01 00 00 00 61 00 00 00  //  96 string: 1 byte "a", terminator, padding
            08 00 0C 00              // 104 vtable of Int: 8 bytes, of a table of 12 bytes
            04 00                    // 108   bitWidth at 4
            08 00                    // 110   is_signed at 8
            08 00 00 00              // 112 Int: its vtable at 112 - 8
            20 00 00 00              // 116   bitWidth: 32
            01 00 00 00              // 120   is_signed: true; padding
            00 00 00 00              // 124 vector: no children
            """);

    /** A record batch of {@link #SCHEMA}: 1, 2, 3, and room for a fourth value. */
    public static final byte[] BATCH = bytes("""
            FF FF FF FF              // continuation
            80 00 00 00              // metadata bytes: 128
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            1C 00 00 00              //  20   header: RecordBatch at 20 + 28
            10 00 00 00 00 00 00 00  //  24   bodyLength: 16
            04 00                    //  32   version: V5
            03 00                    //  34   header_type: RecordBatch; padding
            00 00                    //  36 padding
            0A 00 14 00              //  38 vtable of RecordBatch: 10 bytes, of a table of 20 bytes
            08 00                    //  42   length at 8
            04 00                    //  44   nodes at 4
            10 00                    //  46   buffers at 16
            0A 00 00 00              //  48 RecordBatch: its vtable at 48 - 10
            10 00 00 00              //  52   nodes: vector at 52 + 16
            03 00 00 00 00 00 00 00  //  56   length: 3
            1C 00 00 00              //  64   buffers: vector at 64 + 28
            01 00 00 00              //  68 vector: 1 node
            03 00 00 00 00 00 00 00  //  72   length: 3
            00 00 00 00 00 00 00 00  //  80   null_count: 0
            00 00 00 00              //  88 padding
            02 00 00 00              //  92 vector: 2 buffers
            00 00 00 00 00 00 00 00  //  96   validity: offset 0
            00 00 00 00 00 00 00 00  // 104             length 0
            00 00 00 00 00 00 00 00  // 112   values:   offset 0
            0C 00 00 00 00 00 00 00  // 120             length 12
            01 00 00 00 02 00 00 00  // body: 1, 2
            03 00 00 00 00 00 00 00  //       3, padding
            """);

    /** A record batch of 5 rows and no columns, with {@code custom_metadata} {@code k=v}. */
    public static final byte[] BATCH_WITH_ENTRY = bytes("""
            FF FF FF FF              // continuation
            78 00 00 00              // metadata bytes: 120
            18 00 00 00              //   0 root: Message at 0 + 24
            00 00 00 00 00 00        //   4 padding
            0E 00 18 00              //  10 vtable of Message: 14 bytes, of a table of 24 bytes
            10 00 12 00 04 00 08 00  //  14   version at 16, header_type at 18, header at 4, bodyLength at 8
            14 00                    //  22   custom_metadata at 20
            0E 00 00 00              //  24 Message: its vtable at 24 - 14
            4C 00 00 00              //  28   header: RecordBatch at 28 + 76
            00 00 00 00 00 00 00 00  //  32   bodyLength: 0
            03 00 03 00              //  40   version: V4; header_type: RecordBatch; padding
            04 00 00 00              //  44   custom_metadata: vector at 44 + 4
            01 00 00 00              //  48 vector: 1 entry
            0C 00 00 00              //  52   KeyValue at 52 + 12
            08 00 0C 00              //  56 vtable of KeyValue: 8 bytes, of a table of 12 bytes
            04 00 08 00              //  60   key at 4, value at 8
            08 00 00 00              //  64 KeyValue: its vtable at 64 - 8
            08 00 00 00              //  68   key: string at 68 + 8
            0C 00 00 00              //  72   value: string at 72 + 12
            01 00 00 00 6B 00 00 00  //  76 string: "k"
            01 00 00 00 76 00 00 00  //  84 string: "v"
            00 00 00 00 00 00        //  92 padding
            06 00 10 00              //  98 vtable of RecordBatch: 6 bytes, of a table of 16 bytes
            08 00                    // 102   length at 8
            06 00 00 00              // 104 RecordBatch: its vtable at 104 - 6
            00 00 00 00              // 108   padding
            05 00 00 00 00 00 00 00  // 112   length: 5
            """);

    /** A schema of one nullable utf8 field {@code d} that is encoded with dictionary 7. */
    public static final byte[] DICTIONARY_SCHEMA = bytes("""
            FF FF FF FF              // continuation
            90 00 00 00              // metadata bytes: 144
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            18 00 00 00              //  20   header: Schema at 20 + 24
            00 00 00 00 00 00 00 00  //  24   bodyLength: 0
            04 00 01 00              //  32   version: V5; header_type: Schema; padding
            08 00 08 00              //  36 vtable of Schema: 8 bytes, of a table of 8 bytes
            00 00 04 00              //  40   endianness left out, fields at 4
            08 00 00 00              //  44 Schema: its vtable at 44 - 8
            04 00 00 00              //  48   fields: vector at 48 + 4
            01 00 00 00              //  52 vector: 1 field
            14 00 00 00              //  56   Field at 56 + 20
            10 00 18 00              //  60 vtable of Field: 16 bytes, of a table of 24 bytes
            04 00 08 00 09 00 0C 00  //  64   name at 4, nullable at 8, type_type at 9, type at 12
            14 00 10 00              //  72   dictionary at 20, children at 16
            10 00 00 00              //  76 Field: its vtable at 76 - 16
            14 00 00 00              //  80   name: string at 80 + 20
            01 05 00 00              //  84   nullable: true; type_type: Utf8; padding
            18 00 00 00              //  88   type: Utf8 at 88 + 24
            18 00 00 00              //  92   children: vector at 92 + 24
            20 00 00 00              //  96   dictionary: DictionaryEncoding at 96 + 32
            01 00 00 00 64 00 00 00  // 100 string: "d"
            04 00 04 00              // 108 vtable of Utf8: 4 bytes, of a table of 4 bytes
            04 00 00 00              // 112 Utf8: its vtable at 112 - 4
            00 00 00 00              // 116 vector: no children
            00 00                    // 120 padding
            06 00 10 00              // 122 vtable of DictionaryEncoding: 6 bytes, of a table of 16 bytes
            08 00                    // 126   id at 8; indexType and isOrdered left out
            06 00 00 00 00 00 00 00  // 128 DictionaryEncoding: its vtable at 128 - 6; padding
            07 00 00 00 00 00 00 00  // 136   id: 7
            """);

    /** A batch of dictionary 7: "x", "y". */
    public static final byte[] DICTIONARY_BATCH = bytes("""
            FF FF FF FF              // continuation
            B0 00 00 00              // metadata bytes: 176
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            1C 00 00 00              //  20   header: DictionaryBatch at 20 + 28
            18 00 00 00 00 00 00 00  //  24   bodyLength: 24
            04 00 02 00              //  32   version: V5; header_type: DictionaryBatch; padding
            00 00                    //  36 padding
            0A 00 14 00              //  38 vtable of DictionaryBatch: 10 bytes, of a table of 20 bytes
            08 00 04 00 10 00        //  42   id at 8, data at 4, isDelta at 16
            0A 00 00 00              //  48 DictionaryBatch: its vtable at 48 - 10
            1C 00 00 00              //  52   data: RecordBatch at 52 + 28
            07 00 00 00 00 00 00 00  //  56   id: 7
            00 00 00 00              //  64   isDelta: false; padding
            00 00                    //  68 padding
            0A 00 14 00              //  70 vtable of RecordBatch: 10 bytes, of a table of 20 bytes
            08 00 04 00 10 00        //  74   length at 8, nodes at 4, buffers at 16
            0A 00 00 00              //  80 RecordBatch: its vtable at 80 - 10
            10 00 00 00              //  84   nodes: vector at 84 + 16
            02 00 00 00 00 00 00 00  //  88   length: 2
            1C 00 00 00              //  96   buffers: vector at 96 + 28
            01 00 00 00              // 100 vector: 1 node
            02 00 00 00 00 00 00 00  // 104   length: 2
            00 00 00 00 00 00 00 00  // 112   null_count: 0
            00 00 00 00              // 120 padding
            03 00 00 00              // 124 vector: 3 buffers
            00 00 00 00 00 00 00 00  // 128   validity: offset 0
            00 00 00 00 00 00 00 00  // 136             length 0
            00 00 00 00 00 00 00 00  // 144   offsets:  offset 0
            0C 00 00 00 00 00 00 00  // 152             length 12
            10 00 00 00 00 00 00 00  // 160   values:   offset 16
            02 00 00 00 00 00 00 00  // 168             length 2
            00 00 00 00 01 00 00 00  // body: offsets 0, 1
            02 00 00 00 00 00 00 00  //       2, padding
            78 79 00 00 00 00 00 00  //       "xy", padding
            """);

    /** The end-of-stream marker. */
    public static final byte[] END = bytes("""
            FF FF FF FF              // continuation
            00 00 00 00              // metadata bytes: 0
            """);

    private Wire() {}

    /** Reads hexadecimal bytes, separated by white space, with a comment behind {@code //} on each line. */
    public static byte[] bytes(String text) {
        return HexFormat.of()
                .parseHex(text.replaceAll("//[^\n]*", "").replaceAll("\\s", "").toLowerCase(Locale.ROOT));
    }

    /** Returns what a reader makes of a message whose metadata and body come apart; owned. */
    static IpcMessage apart(
            byte[] message, int bodyBytes, IpcStreamReader reader, boolean isCopied, ByteBufAllocator allocator) {
        int body = message.length - bodyBytes;
        ByteBuf bytes = Unpooled.copiedBuffer(message);
        return reader.next(bytes.slice(8, body - 8), bytes.slice(body, bodyBytes), isCopied, allocator);
    }

    static Frame frame(ByteBuf message) {
        int start = message.readerIndex() + IpcMessage.PREFIX_BYTES;
        int bytes = message.getIntLE(start - Integer.BYTES);
        MetadataReader metadata = new MetadataReader(message, start, bytes);
        return new Frame(message, MessageHeader.read(metadata, IpcLimits.UNLIMITED), 0);
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Returns the same message as before Arrow 0.15: no continuation, so 4 more bytes of padding in the metadata. */
    public static byte[] legacy(byte[] message) {
        int metadataBytes = (message[4] & 0xFF) | (message[5] & 0xFF) << 8;
        if (metadataBytes == 0) {
            return bytes("00 00 00 00");
        }
        int body = IpcMessage.PREFIX_BYTES + metadataBytes;
        byte[] metadata = Arrays.copyOfRange(message, IpcMessage.PREFIX_BYTES, body + 4);
        Arrays.fill(metadata, metadataBytes, metadata.length, (byte) 0);
        int length = metadata.length;
        byte[] prefix = {(byte) length, (byte) (length >> 8), 0, 0};
        return concat(prefix, metadata, Arrays.copyOfRange(message, body, message.length));
    }

    /** Returns a copy of {@code message} with other bytes from {@code index} on. */
    public static byte[] with(byte[] message, int index, String hex) {
        byte[] other = bytes(hex);
        byte[] copy = message.clone();
        System.arraycopy(other, 0, copy, index, other.length);
        return copy;
    }

    /** Returns a copy of {@code message} with other bytes from {@code position} of its metadata on. */
    public static byte[] inMetadata(byte[] message, int position, String hex) {
        return with(message, IpcMessage.PREFIX_BYTES + position, hex);
    }
}
