package io.bowstring.codec;

import static io.bowstring.codec.SelectionProbe.assertSelects;
import static io.bowstring.codec.SelectionProbe.decode;
import static io.bowstring.codec.StructureProbe.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Some of the fields of schemas and batches. Of streams that others wrote: {@link GoldenSelectionTest}. */
@ExtendWith(LeakDetection.class)
class IpcSelectionTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final IpcField A = IpcField.of("a", true, IpcType.INT32);
    private static final IpcField B = IpcField.of("b", true, IpcType.INT32);
    private static final IpcField C = IpcField.of("c", true, IpcType.INT32);
    private static final IpcField VIEW = IpcField.of("v", true, IpcType.of(IpcTypeId.UTF8_VIEW));
    private static final IpcField UNION = new IpcField("u", true, IpcType.of(IpcTypeId.UNION, 0, 0), null, List.of(A));
    private static final byte[] NONE = {};
    private static final byte[] NINE = {9, 9, 9, 9};

    /** Of {@code a, b, c}: 1, 2, 3 and 4, 5, 6 and 7, 8, 9. */
    private static final byte[] BATCH = new BatchBytes(3)
            .node(3, 0)
            .node(3, 0)
            .node(3, 0)
            .buffer(NONE)
            .buffer(ints(1, 2, 3))
            .buffer(NONE)
            .buffer(ints(4, 5, 6))
            .buffer(NONE)
            .buffer(ints(7, 8, 9))
            .message();

    private static final byte[] BATCH_OF_B = Wire.bytes("""
            FF FF FF FF              // continuation
            A0 00 00 00              // metadata bytes: 160
            18 00 00 00              //   0 root: Message at 0 + 24
            00 00 00 00 00 00        //   4 padding
            0E 00 18 00              //  10 vtable of Message: 14 bytes, of a table of 24 bytes
            14 00 16 00 04 00 08 00  //  14   version at 20, header_type at 22, header at 4, bodyLength at 8
            00 00                    //  22   custom_metadata left out
            0E 00 00 00              //  24 Message: its vtable at 24 - 14
            24 00 00 00              //  28   header: RecordBatch at 28 + 36
            20 00 00 00 00 00 00 00  //  32   bodyLength: 32
            00 00 00 00              //  40   padding
            04 00 03 00              //  44   version: V5; header_type: RecordBatch; padding
            00 00                    //  48 padding
            0E 00 20 00              //  50 vtable of RecordBatch: 14 bytes, of a table of 32 bytes
            08 00 10 00 14 00        //  54   length at 8, nodes at 16, buffers at 20
            00 00 00 00              //  60   compression and variadicBufferCounts left out
            0E 00 00 00              //  64 RecordBatch: its vtable at 64 - 14
            00 00 00 00              //  68   padding
            03 00 00 00 00 00 00 00  //  72   length: 3
            14 00 00 00              //  80   nodes: vector at 80 + 20
            28 00 00 00              //  84   buffers: vector at 84 + 40
            00 00 00 00 00 00 00 00  //  88   padding
            00 00 00 00              //  96 padding
            01 00 00 00              // 100 vector: 1 node
            03 00 00 00 00 00 00 00  // 104   length: 3
            00 00 00 00 00 00 00 00  // 112   null_count: 0
            00 00 00 00              // 120 padding
            02 00 00 00              // 124 vector: 2 buffers
            00 00 00 00 00 00 00 00  // 128   validity: offset 0
            00 00 00 00 00 00 00 00  // 136             length 0
            10 00 00 00 00 00 00 00  // 144   values:   offset 16, as before
            0C 00 00 00 00 00 00 00  // 152             length 12
            00 00 00 00 00 00 00 00  // body: padding
            00 00 00 00 00 00 00 00
            04 00 00 00 05 00 00 00  //       4, 5
            06 00 00 00 00 00 00 00  //       6, padding
            """);

    private static byte[] ints(int... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (int value : values) {
            bytes.writeIntLE(value);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    @Test
    void writesHeadOfItsOwn() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B, C), BATCH)) {
            IpcRecordBatch selected = select(probe, 1);

            assertThat(ByteBufUtil.getBytes(selected.frame())).isEqualTo(BATCH_OF_B);
            selected.release();
        }
    }

    @Test
    void sharesTheBody() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B, C), BATCH)) {
            ByteBuf old = probe.messages.get(1).body();
            IpcRecordBatch selected = select(probe, 1);

            CompositeByteBuf parts = (CompositeByteBuf) selected.bytes().buffer();
            assertThat(parts.numComponents()).isEqualTo(3); // head, padding, values
            ByteBuf values = parts.component(2);
            assertThat(values.memoryAddress()).isEqualTo(old.memoryAddress() + 16);
            assertThat(old.refCnt()).isEqualTo(2);
            selected.release();
            assertThat(old.refCnt()).isEqualTo(1);
        }
    }

    @Test
    void keepsFieldsThatTouchInOnePart() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B, C), BATCH)) {
            IpcRecordBatch first = select(probe, 1, 0);
            IpcRecordBatch apart = select(probe, 2, 0);

            assertThat(first.frame().nioBufferCount()).isEqualTo(2); // head, a and b
            assertThat(apart.frame().nioBufferCount()).isEqualTo(4); // head, a, padding, c
            assertThat(first.body().readableBytes()).isEqualTo(32);
            assertThat(apart.body().readableBytes()).isEqualTo(48);
            assertThat(first.buffer(1, 12).getIntLE(0)).isEqualTo(4);
            assertThat(apart.buffer(1, 12).getIntLE(0)).isEqualTo(7);
            first.release();
            apart.release();
            assertSelects(probe, List.of(2, 1, 0));
        }
    }

    @Test
    void sendsNothingOfWhatIsBetweenBuffers() {
        byte[] batch = new BatchBytes(1)
                .node(1, 0)
                .node(1, 0)
                .buffer(NONE)
                .buffer(Wire.concat(ints(1), NINE))
                .buffer(NONE)
                .buffer(Wire.concat(ints(2), NINE))
                .message();
        setLength(batch, 1, 4); // so that each value has nines where its padding is
        setLength(batch, 3, 4);
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B), batch)) {
            IpcRecordBatch selected = select(probe, 0, 1);

            assertThat(ByteBufUtil.getBytes(selected.body()))
                    .containsExactly(1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0);
            selected.release();
            assertSelects(probe, List.of(0, 1));
        }
    }

    /** Overwrites the length of a buffer of a message by {@link BatchBytes} that has no entries. */
    private static void setLength(byte[] message, int buffer, int length) {
        ByteBuf bytes = Unpooled.wrappedBuffer(message);
        int metadataBytes = bytes.getIntLE(4);
        MetadataReader in = new MetadataReader(bytes, 8, metadataBytes);
        int ranges = in.vector(in.table(in.root(), 2), 2, 16);
        bytes.setLongLE(8 + ranges + 4 + 16 * buffer + 8, length);
    }

    @Test
    void keepsPlaceModulo64() {
        BatchBytes batch = new BatchBytes(1);
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
            batch.node(1, 0).buffers(0, 8);
        }
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, fields, batch.message())) {
            IpcRecordBatch selected = select(probe, 9, 25, 3);

            long[] ranges = ranges(selected);
            assertThat(ranges).containsExactly(0, 0, 72, 8, 0, 0, 136, 8, 0, 0, 24, 8);
            selected.release();
            assertSelects(probe, List.of(9, 25, 3));
        }
    }

    private static long[] ranges(IpcRecordBatch batch) {
        MetadataReader in = batch.bytes().reader();
        int ranges = in.vector(batch.bytes().header().table(), 2, 16);
        return IntStream.range(0, 2 * in.count(ranges))
                .mapToLong(i -> in.int64At(ranges, i))
                .toArray();
    }

    @Test
    void isNoLongerThanTheBodyWhereBuffersShareBytes() {
        BatchBytes batch = new BatchBytes(4);
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT32));
            batch.node(4, 0).range(0, 0).range(8 * (i % 3), 16);
        }
        try (DecoderProbe probe =
                decode(IpcVerification.STRUCTURE, fields, batch.body(32).message())) {
            IpcRecordBatch selected =
                    select(probe, IntStream.range(1, 100).boxed().toArray(Integer[]::new));

            assertThat(selected.body().readableBytes()).isEqualTo(32);
            selected.release();
            assertSelects(probe, List.of(99, 1, 0, 2, 50));
        }
    }

    @Test
    void copiesWhatIsInVeryManyPieces() {
        BatchBytes batch = new BatchBytes(16);
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
            batch.node(16, 0)
                    .buffer(NONE)
                    .buffer(Collections.nCopies(32, i + 1).stream()
                            .map(IpcSelectionTest::ints)
                            .reduce(NONE, Wire::concat));
        }
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, fields, batch.message())) {
            List<Integer> few =
                    IntStream.range(0, 512).filter(i -> i % 2 == 1).boxed().toList();
            List<Integer> many =
                    IntStream.range(0, 1_100).filter(i -> i % 2 == 1).boxed().toList();
            IpcRecordBatch gathered = select(probe, few.toArray(Integer[]::new));
            IpcRecordBatch copied = select(probe, many.toArray(Integer[]::new));
            IpcRecordBatch oneMore = select(
                    probe,
                    IntStream.range(0, 514).filter(i -> i % 2 == 1).boxed().toArray(Integer[]::new));

            assertThat(oneMore.frame().nioBufferCount()).isEqualTo(1);
            oneMore.release();
            assertThat(gathered.frame().nioBufferCount()).isEqualTo(1 + 256); // 128 bytes each, so no padding
            assertThat(copied.frame().nioBufferCount()).isEqualTo(1);
            assertThat(probe.messages.get(1).refCnt()).isEqualTo(1 + 256); // not those that are copied
            gathered.release();
            copied.release();
            assertSelects(probe, many);
        }
    }

    @Test
    void takesVariadicBuffersOfItsFieldsAlone() {
        byte[] batch = new BatchBytes(1)
                .node(1, 0)
                .node(1, 0)
                .node(1, 0)
                .node(1, 0)
                .buffers(0, 4, 0, 16, 8, 8)
                .buffers(0, 16)
                .buffers(0, 16, 24)
                .variadic(2, 0, 1)
                .message();
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, VIEW, VIEW, VIEW), batch)) {
            for (List<Integer> indices : List.of(List.of(1), List.of(2), List.of(3), List.of(3, 0, 1), List.of(0))) {
                IpcRecordBatch selected = select(probe, indices.toArray(Integer[]::new));
                List<IpcField> fields = indices.stream()
                        .map(probe.message(0, IpcSchema.class).fields()::get)
                        .toList();
                assertThat(SelectionProbe.columns(fields, selected))
                        .isEqualTo(indices.stream()
                                .map(SelectionProbe.columns(
                                        List.of(A, VIEW, VIEW, VIEW), probe.message(1, IpcRecordBatch.class))::get)
                                .toList());
                selected.release();
            }
        }
    }

    @Test
    void keepsVersionWithItsValidityOfUnions() {
        byte[] batch = new BatchBytes(2)
                .version(BatchBytes.V4)
                .node(2, 0)
                .node(2, 0)
                .node(2, 0)
                .buffers(1, 2, 0, 8, 0, 8)
                .message();
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(UNION, B), batch)) {
            assertSelects(probe, List.of(1));
            assertSelects(probe, List.of(0));
        }
    }

    @Test
    void keepsCompressionAndEntries() {
        byte[] compressed =
                ByteBufUtil.getBytes(Unpooled.buffer().writeLongLE(-1).writeLongLE(7));
        byte[] batch = new BatchBytes(2)
                .compressed(1, 0)
                .node(2, 0)
                .node(2, 0)
                .buffer(NONE)
                .buffer(compressed)
                .buffer(NONE)
                .buffer(compressed)
                .message();
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B), batch)) {
            probe.messages.set(
                    1, probe.message(1, IpcRecordBatch.class).edited(ReRootingTest.add("k", "v", "", "é"), ALLOCATOR));
            IpcRecordBatch selected = select(probe, 1);

            MetadataReader in = selected.bytes().reader();
            int compression = in.table(selected.bytes().header().table(), 3);
            assertThat(in.uint8(compression, 0)).isEqualTo(1);
            assertThat(in.uint8(compression, 1)).isZero();
            assertThat(selected.customMetadata()).containsExactly(Map.entry("k", "v"), Map.entry("", "é"));
            selected.release();
            assertSelects(probe, List.of(1));
        }
    }

    @Test
    void keepsEntriesThatAreNotText() {
        byte[] batch = Wire.BATCH_WITH_ENTRY.clone();
        batch[8 + 88] = (byte) 0xFF; // the value of k, which is not UTF-8 now
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(), batch)) {
            IpcRecordBatch selected = select(probe);

            MetadataReader in = selected.bytes().reader();
            int value = in.vector(in.tableAt(selected.bytes().header().entries(), 0), 1, 1);
            assertThat(in.stringBytes(value).get()).isEqualTo((byte) 0xFF);
            assertThat(selected.rowCount()).isEqualTo(5);
            selected.release();
        }
    }

    @Test
    void marksWhatHasBeenSelected() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B, C), BATCH)) {
            IpcRecordBatch marked = select(probe, 2, 0).edited(ReRootingTest.add("gap", "3"), ALLOCATOR);

            assertThat(marked.customMetadata()).containsExactly(Map.entry("gap", "3"));
            assertThat(marked.buffer(1, 12).getIntLE(8)).isEqualTo(9);
            assertThat(marked.buffer(3, 12).getIntLE(8)).isEqualTo(3);
            marked.release();
        }
    }

    @Test
    void selectsFromWhatHasBeenSelected() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, List.of(A, B, C), BATCH)) {
            IpcSchema schema = probe.message(0, IpcSchema.class);
            IpcSelection two = IpcSelection.of(schema, List.of(2, 0));
            IpcSchema ofTwo = two.select(schema.retain(), ALLOCATOR);
            IpcRecordBatch batchOfTwo = two.select(probe.message(1, IpcRecordBatch.class), ALLOCATOR);
            IpcRecordBatch ofOne = IpcSelection.of(ofTwo, List.of(0)).select(batchOfTwo, ALLOCATOR);

            assertThat(ofOne.buffer(1, 12).getIntLE(0)).isEqualTo(7);
            assertThat(batchOfTwo.pinnedBytes()).isLessThan(4_000); // each memory once
            ofTwo.release();
            batchOfTwo.release();
            ofOne.release();
        }
    }

    @Test
    void takesDictionariesAtAnyDepth() {
        IpcField word = encoded(5, IpcType.UTF8);
        IpcField list = new IpcField("l", true, IpcType.of(IpcTypeId.LIST), null, List.of(encoded(6, IpcType.UTF8)));
        IpcField nested = encoded(7, IpcType.of(IpcTypeId.STRUCT), encoded(8, IpcType.UTF8));
        IpcSchema schema = IpcSchema.of(List.of(A, word, list, nested), Map.of(), ALLOCATOR);

        assertThat(IpcSelection.of(schema, List.of(0)).dictionaryIds()).isEmpty();
        assertThat(IpcSelection.of(schema, List.of(1)).dictionaryIds()).containsExactly(5L);
        assertThat(IpcSelection.of(schema, List.of(2, 0)).dictionaryIds()).containsExactly(6L);
        assertThat(IpcSelection.of(schema, List.of(3)).dictionaryIds()).containsExactlyInAnyOrder(7L, 8L);
        schema.release();
    }

    @Test
    void knowsWhetherItIsAll() {
        IpcSchema schema = IpcSchema.of(List.of(A, A), Map.of(), ALLOCATOR);

        assertThat(IpcSelection.of(schema, List.of(0, 1)).isAll()).isTrue();
        assertThat(IpcSelection.of(schema, List.of(1, 0)).isAll()).isFalse();
        assertThat(IpcSelection.of(schema, List.of(0)).isAll()).isFalse();
        schema.release();
    }

    @Test
    void refusesFieldsThatAreNotThereOrTwice() {
        IpcSchema schema = IpcSchema.of(List.of(A, B), Map.of(), ALLOCATOR);

        assertThatThrownBy(() -> IpcSelection.of(schema, List.of(2)))
                .hasMessage("field: 2 (expected: each once, of 0..1)");
        assertThatThrownBy(() -> IpcSelection.of(schema, List.of(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IpcSelection.of(schema, List.of(1, 1))).isInstanceOf(IllegalArgumentException.class);
        IpcSchema other = IpcSchema.of(List.of(A), Map.of(), ALLOCATOR);
        assertThatThrownBy(() -> IpcSelection.of(schema, List.of(1)).select(other, ALLOCATOR))
                .hasMessage("fields: 1 (expected: 2)");
        assertThat(other.refCnt()).isZero(); // consumed
        schema.release();
    }

    @Test
    void keepsEntriesOfSchemaWithoutAny() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA)) {
            assertSelects(probe, List.of(0));
            assertSelects(probe, List.of());
        }
    }

    @Test
    void refusesBatchThatHasNotBeenVerified() {
        BatchBytes one = new BatchBytes(1).node(1, 0);

        assertRefused(new BatchBytes(1).buffers(0, 4), "field nodes: 0 (expected: 1, as the schema implies)");
        assertRefused(new BatchBytes(1).node(1, 0).buffers(0), "buffers: 1 (expected: 2, as the schema implies)");
        assertRefused(
                new BatchBytes(1).node(1, 0).buffers(0, 4).variadic(1),
                "variadicBufferCounts: 1 (expected: 0, as the schema implies)");
        assertRefused(
                one.range(0, 0).range(4, 4).body(16),
                "buffer 1: offset 4, 4 bytes (expected: inside the body of 16 bytes, offset a multiple of 8)");
        assertRefused(
                new BatchBytes(1).node(1, 0).range(0, 0).range(8, 16).body(16),
                "buffer 1: offset 8, 16 bytes (expected: inside the body of 16 bytes, offset a multiple of 8)");
        assertRefused(
                new BatchBytes(1).node(1, 0).range(0, -1).range(0, 4).body(16),
                "buffer 0: offset 0, -1 bytes (expected: inside the body of 16 bytes, offset a multiple of 8)");
        BatchBytes view = new BatchBytes(1).node(1, 0).buffers(0, 16);
        assertRefused(VIEW, view.variadic(3), "variadicBufferCounts: 3 (expected: 0..2)");
        assertRefused(
                VIEW,
                new BatchBytes(1).node(1, 0).buffers(0, 16).variadic(-1),
                "variadicBufferCounts: -1 (expected: 0..2)");
    }

    private static void assertRefused(BatchBytes batch, String message) {
        assertRefused(A, batch, message);
    }

    private static void assertRefused(IpcField field, BatchBytes batch, String message) {
        try (DecoderProbe probe = decode(IpcVerification.FRAMING, List.of(field), batch.message())) {
            assertThatThrownBy(() -> select(probe, 0))
                    .isInstanceOf(IpcException.class)
                    .hasMessage(message);
        }
    }

    /** Selects from the one batch of a probe; owned. */
    private static IpcRecordBatch select(DecoderProbe probe, Integer... indices) {
        return IpcSelection.of(probe.message(0, IpcSchema.class), List.of(indices))
                .select(probe.message(1, IpcRecordBatch.class), ALLOCATOR);
    }
}
