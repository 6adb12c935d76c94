package io.bowstring.codec;

import static io.bowstring.codec.Wire.bytes;
import static io.bowstring.codec.Wire.concat;
import static io.bowstring.codec.Wire.inMetadata;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Few bytes that make a trusting reader run out of time, stack or memory. Each is refused at next to no cost. */
@ExtendWith(LeakDetection.class)
class BombsTest {
    private static final int ROUNDS = 201;
    private static final int WARM_UP_ROUNDS = 100;
    private static final long MAX_NANOS = 1_000_000;
    private static final long MAX_BYTES = 64 << 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A schema whose fields are two and the same, 24 levels deep: 2 to the 25th leaves. */
    private static byte[] sharedChildren() {
        byte[] head = bytes("""
                FF FF FF FF              // continuation
                00 03 00 00              // metadata bytes: 768
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
                """);
        byte[] tail = bytes("""
                00 00 00 00              // 724 vector: no children
                10 00 10 00              // 728 vtable of Field: 16 bytes, of a table of 16 bytes
                00 00 00 00 04 00 08 00  // 732   name, nullable left out, type_type at 4, type at 8
                00 00 0C 00              // 740   dictionary left out, children at 12
                04 00 04 00              // 744 vtable of Struct: 4 bytes, of a table of 4 bytes
                04 00 00 00              // 748 Struct: its vtable at 748 - 4
                00 00 00 00 00 00 00 00  // 752 padding
                00 00 00 00 00 00 00 00  // 760 padding
                """);
        byte[] message = head;
        for (int level = 0, at = 52; level < 24; level++, at += 28) {
            message = concat(message, bytes("""
                    02 00 00 00 // at + 0  vector: 2 fields
                    08 00 00 00 // at + 4    Field at at + 12
                    04 00 00 00 // at + 8    Field at at + 12
                    %s          // at + 12 Field: its vtable at 728
                    0D 00 00 00 // at + 16   type_type: Struct; padding
                    %s          // at + 20   type: Struct at 748
                    04 00 00 00 // at + 24   children: vector at at + 28
                    """.formatted(int32(at + 12 - 728), int32(748 - at - 20))));
        }
        return concat(message, tail);
    }

    /** A schema without fields whose 40 entries are one and the same, with one string of 4 KiB as key and value. */
    private static byte[] sharedEntries() {
        byte[] head = bytes("""
                FF FF FF FF              // continuation
                00 11 00 00              // metadata bytes: 4352
                10 00 00 00              //   0 root: Message at 0 + 16
                0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
                10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
                0C 00 00 00              //  16 Message: its vtable at 16 - 12
                1C 00 00 00              //  20   header: Schema at 20 + 28
                00 00 00 00 00 00 00 00  //  24   bodyLength: 0
                04 00 01 00              //  32   version: V5; header_type: Schema; padding
                00 00                    //  36 padding
                0A 00 0C 00              //  38 vtable of Schema: 10 bytes, of a table of 12 bytes
                00 00 04 00 08 00        //  42   endianness left out, fields at 4, custom_metadata at 8
                0A 00 00 00              //  48 Schema: its vtable at 48 - 10
                08 00 00 00              //  52   fields: vector at 52 + 8
                08 00 00 00              //  56   custom_metadata: vector at 56 + 8
                00 00 00 00              //  60 vector: no fields
                28 00 00 00              //  64 vector: 40 entries
                """);
        byte[] entries = {};
        for (int at = 68; at < 68 + 4 * 40; at += 4) {
            entries = concat(entries, bytes("%s // at   KeyValue at 236".formatted(int32(236 - at))));
        }
        byte[] tail = bytes("""
                08 00 0C 00 04 00 08 00  // 228 vtable of KeyValue: 8 bytes, of a table of 12 bytes; key at 4, value at 8
                08 00 00 00              // 236 KeyValue: its vtable at 236 - 8
                08 00 00 00              // 240   key: string at 240 + 8
                04 00 00 00              // 244   value: string at 244 + 4
                00 10 00 00              // 248 string: 4096 bytes
                """);
        return concat(head, entries, tail, new byte[4096], new byte[4]); // 252 the string, its terminator and padding
    }

    private static String int32(int value) {
        return String.format("%08X", Integer.reverseBytes(value));
    }

    /** The schema of {@link Wire#SCHEMA} with a child that lies 4 bytes in front of the offset that points to it. */
    private static final byte[] CHILD_OF_ITSELF = concat(
            inMetadata(inMetadata(Wire.SCHEMA, -4, "88"), 124, "01 00 00 00"), // 136 bytes of metadata, one child
            bytes("CC FF FF FF 00 00 00 00")); // 128: the Field at 76, which is this field

    /** A schema of 3 int32 fields. */
    private static final byte[] THREE_INTS = StructureProbe.schema(
            StructureProbe.field(IpcType.INT32),
            StructureProbe.field(IpcType.INT32),
            StructureProbe.field(IpcType.INT32));

    /** 2 to the 31st - 1 rows of 3 columns that have no bytes at all. */
    private static final byte[] ROWS_WITHOUT_BYTES = bytes("""
            FF FF FF FF              // continuation
            E0 00 00 00              // metadata bytes: 224
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            1C 00 00 00              //  20   header: RecordBatch at 20 + 28
            00 00 00 00 00 00 00 00  //  24   bodyLength: 0
            04 00 03 00              //  32   version: V5; header_type: RecordBatch; padding
            00 00                    //  36 padding
            0A 00 14 00              //  38 vtable of RecordBatch: 10 bytes, of a table of 20 bytes
            08 00 04 00 10 00        //  42   length at 8, nodes at 4, buffers at 16
            0A 00 00 00              //  48 RecordBatch: its vtable at 48 - 10
            10 00 00 00              //  52   nodes: vector at 52 + 16
            FF FF FF 7F 00 00 00 00  //  56   length: 2147483647
            3C 00 00 00              //  64   buffers: vector at 64 + 60
            03 00 00 00              //  68 vector: 3 nodes
            FF FF FF 7F 00 00 00 00 00 00 00 00 00 00 00 00 //  72   length 2147483647, null_count 0
            FF FF FF 7F 00 00 00 00 00 00 00 00 00 00 00 00 //  88   length 2147483647, null_count 0
            FF FF FF 7F 00 00 00 00 00 00 00 00 00 00 00 00 // 104   length 2147483647, null_count 0
            00 00 00 00              // 120 padding
            06 00 00 00              // 124 vector: 6 buffers
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 128   validity: offset 0, length 0
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 144   values:   offset 0, length 0
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 160   validity: offset 0, length 0
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 176   values:   offset 0, length 0
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 192   validity: offset 0, length 0
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 208   values:   offset 0, length 0
            """);

    /** A schema of one utf8_view field. */
    private static final byte[] VIEWS = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.UTF8_VIEW)));

    /** One view that is said to point into 2 to the 31st buffers. */
    private static final byte[] VARIADIC = bytes("""
            FF FF FF FF              // continuation
            A0 00 00 00              // metadata bytes: 160
            10 00 00 00              //   0 root: Message at 0 + 16
            0C 00 14 00              //   4 vtable of Message: 12 bytes, of a table of 20 bytes
            10 00 12 00 04 00 08 00  //   8   version at 16, header_type at 18, header at 4, bodyLength at 8
            0C 00 00 00              //  16 Message: its vtable at 16 - 12
            24 00 00 00              //  20   header: RecordBatch at 20 + 36
            10 00 00 00 00 00 00 00  //  24   bodyLength: 16
            04 00 03 00              //  32   version: V5; header_type: RecordBatch; padding
            00 00 00 00 00 00        //  36 padding
            0E 00 18 00              //  42 vtable of RecordBatch: 14 bytes, of a table of 24 bytes
            08 00 04 00 10 00        //  46   length at 8, nodes at 4, buffers at 16
            00 00 14 00              //  52   compression left out, variadicBufferCounts at 20
            0E 00 00 00              //  56 RecordBatch: its vtable at 56 - 14
            18 00 00 00              //  60   nodes: vector at 60 + 24
            01 00 00 00 00 00 00 00  //  64   length: 1
            24 00 00 00              //  72   buffers: vector at 72 + 36
            48 00 00 00              //  76   variadicBufferCounts: vector at 76 + 72
            00 00 00 00              //  80 padding
            01 00 00 00              //  84 vector: 1 node
            01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 //  88   length 1, null_count 0
            00 00 00 00              // 104 padding
            02 00 00 00              // 108 vector: 2 buffers
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 112   validity: offset 0, length 0
            00 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 // 128   views:    offset 0, length 16
            00 00 00 00              // 144 padding
            01 00 00 00              // 148 vector: 1 count
            00 00 00 80 00 00 00 00  // 152   2147483648
            00 00 00 00 00 00 00 00  // body: a view
            00 00 00 00 00 00 00 00  //
            """);

    /** What must be accepted first, what must then be refused, and how. */
    record Bomb(String name, byte[] accepted, byte[] refused, IpcErrorCode code, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bomb> bombs() {
        byte[] nothing = {};
        String range = " (expected: inside the body of 16 bytes, offset a multiple of 8)";
        return Stream.of(
                new Bomb(
                        "fields that share children",
                        nothing,
                        sharedChildren(),
                        IpcErrorCode.TOO_LARGE,
                        "fields: 66 (expected: <= 64)"),
                new Bomb(
                        "child that points to itself",
                        nothing,
                        CHILD_OF_ITSELF,
                        IpcErrorCode.MALFORMED,
                        "offset: 4294967244 (expected: forward, inside the metadata)"),
                new Bomb(
                        "root behind the metadata",
                        nothing,
                        inMetadata(Wire.SCHEMA, 0, "FC FF FF 7F"),
                        IpcErrorCode.MALFORMED,
                        "offset: 2147483644 (expected: forward, inside the metadata)"),
                new Bomb(
                        "entries that share a long string",
                        nothing,
                        sharedEntries(),
                        IpcErrorCode.TOO_LARGE,
                        "schema string bytes: 327680 (expected: <= 69888)"),
                new Bomb(
                        "rows without bytes",
                        THREE_INTS,
                        ROWS_WITHOUT_BYTES,
                        IpcErrorCode.MALFORMED,
                        "bytes of buffer 1: 0 (expected: >= 8589934588)"),
                new Bomb(
                        "2^31 variadic buffers",
                        VIEWS,
                        VARIADIC,
                        IpcErrorCode.MALFORMED,
                        "variadicBufferCounts: 2147483648 (expected: 0..0)"),
                new Bomb(
                        "buffer behind the body",
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH, 112, "08 00 00 00"),
                        IpcErrorCode.MALFORMED,
                        "buffer 1: offset 8, 12 bytes" + range),
                new Bomb(
                        "buffer of negative length",
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH, 112, "10 00 00 00 00 00 00 00 F8 FF FF FF FF FF FF FF"),
                        IpcErrorCode.MALFORMED,
                        "buffer 1: offset 16, -8 bytes" + range),
                new Bomb(
                        "buffer whose end overflows",
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH, 112, "08 00 00 00 00 00 00 00 FF FF FF FF FF FF FF 7F"),
                        IpcErrorCode.MALFORMED,
                        "buffer 1: offset 8, 9223372036854775807 bytes" + range));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void refusesAtNextToNoCost(Bomb bomb) {
        long[] nanos = new long[ROUNDS];
        long[] heapBytes = new long[ROUNDS];
        long[] directBytes = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            CountingAllocator allocator = new CountingAllocator();
            try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE)) {
                probe.channel.config().setAllocator(allocator);
                probe.channel.writeInbound(Unpooled.wrappedBuffer(bomb.accepted()));
                ByteBuf in = Unpooled.wrappedBuffer(bomb.refused());
                long heap = THREADS.getCurrentThreadAllocatedBytes();
                long start = System.nanoTime();
                probe.channel.writeInbound(in);
                nanos[i] = System.nanoTime() - start;
                heapBytes[i] = THREADS.getCurrentThreadAllocatedBytes() - heap;
                directBytes[i] = allocator.requestedBytes();

                IpcException error = probe.error();
                assertThat(error).hasMessage(bomb.message());
                assertThat(error.code()).isEqualTo(bomb.code());
            }
        }
        long best = Arrays.stream(nanos).skip(WARM_UP_ROUNDS).min().orElseThrow();
        long bytes = median(heapBytes) + median(directBytes);
        System.out.printf("%s: best %,d ns, %,d bytes%n", bomb, best, bytes);
        assertThat(best).isLessThan(MAX_NANOS);
        assertThat(bytes).isLessThan(MAX_BYTES);
    }

    @Test
    void hasBombsOfTheKnownSizes() {
        assertThat(sharedChildren()).hasSize(776);
        assertThat(ROWS_WITHOUT_BYTES).hasSize(8 + 224);
    }

    @Test
    void acceptsTheSameBytesWithHonestNumbers() {
        byte[] noRows = ROWS_WITHOUT_BYTES;
        for (int length : new int[] {56, 72, 88, 104}) {
            noRows = inMetadata(noRows, length, "00 00 00 00");
        }

        StructureProbe.assertAccepted(THREE_INTS, noRows);
        StructureProbe.assertAccepted(VIEWS, inMetadata(VARIADIC, 152, "00 00 00 00"));
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
