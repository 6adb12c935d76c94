package io.bowstring.codec;

import static io.bowstring.codec.SelectionProbe.assertSelects;
import static io.bowstring.codec.SelectionProbe.decode;
import static io.bowstring.codec.SelectionProbe.decodeLarge;
import static io.bowstring.codec.SelectionProbe.select;
import static io.bowstring.codec.StructureProbe.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Some of the fields of schemas and batches. Their bytes: {@link SelectedBodyTest};
 * of streams that others wrote: {@link GoldenSelectionTest}.
 */
@ExtendWith(LeakDetection.class)
class IpcSelectionTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final IpcField A = IntColumns.A;
    private static final IpcField B = IntColumns.B;
    private static final IpcField VIEW = IpcField.of("v", true, IpcType.of(IpcTypeId.UTF8_VIEW));
    private static final IpcField UNION = new IpcField("u", true, IpcType.of(IpcTypeId.UNION, 0, 0), null, List.of(A));
    private static final byte[] NONE = {};

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
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
            IpcRecordBatch marked = select(probe, 2, 0).edited(ReRootingTest.add("gap", "3"), ALLOCATOR);

            assertThat(marked.customMetadata()).containsExactly(Map.entry("gap", "3"));
            assertThat(marked.buffer(1, 12).getIntLE(8)).isEqualTo(9);
            assertThat(marked.buffer(3, 12).getIntLE(8)).isEqualTo(3);
            marked.release();
        }
    }

    @Test
    void selectsFromWhatHasBeenSelected() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
            IpcSchema schema = probe.message(0, IpcSchema.class);
            IpcSelection two = IpcSelection.of(schema, List.of(2, 0));
            IpcSchema ofTwo = two.select(schema.retain(), ALLOCATOR);
            IpcRecordBatch batchOfTwo =
                    two.select(probe.message(1, IpcRecordBatch.class).retain(), ALLOCATOR);
            IpcRecordBatch ofOne = IpcSelection.of(ofTwo, List.of(0)).select(batchOfTwo.retain(), ALLOCATOR);

            assertThat(ofOne.buffer(1, 12).getIntLE(0)).isEqualTo(7);
            assertThat(batchOfTwo.pinnedBytes()).isLessThan(4_000); // each memory once
            ofTwo.release();
            batchOfTwo.release();
            ofOne.release();
        }
    }

    @Test
    void tellsOnceWhenWhatItHasAloneIsFree() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
            for (List<Integer> indices : List.of(List.of(2, 0), List.of(1), List.<Integer>of())) {
                assertTellsOnce(probe, indices);
            }
        }
    }

    @Test
    void tellsOnceWhenACopyIsFree() {
        int pieces = SelectedBody.MAX_RUNS + 1;
        try (DecoderProbe probe = decodeLarge(2 * pieces)) {
            assertTellsOnce(
                    probe, IntStream.range(0, pieces).map(i -> 2 * i).boxed().toList());
        }
    }

    private static void assertTellsOnce(DecoderProbe probe, List<Integer> indices) {
        IpcSchema schema = probe.message(0, IpcSchema.class);
        AtomicInteger freed = new AtomicInteger();
        IpcRecordBatch selected = IpcSelection.of(schema, indices)
                .select(probe.message(1, IpcRecordBatch.class).retain(), freed::incrementAndGet, ALLOCATOR);
        ByteBuf body = selected.body().retain();

        selected.release();
        assertThat(freed).hasValue(0);
        body.release();
        assertThat(freed).hasValue(1);
        assertThat(schema.refCnt()).isOne();
    }

    @Test
    void sharesWhatIsTheSameForAllOfASchema() {
        IpcSchema schema = IpcSchema.of(List.of(A, B), Map.of(), ALLOCATOR);

        assertThat(IpcSelection.of(schema, List.of(0)).spans).isSameAs(IpcSelection.of(schema, List.of(1, 0)).spans);
        schema.release();
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
    void refusesSchemasOfOtherFields() {
        IpcSchema schema = IpcSchema.of(List.of(A, B), Map.of(), ALLOCATOR);
        IpcSelection second = IpcSelection.of(schema, List.of(1));
        IpcSchema other = IpcSchema.of(List.of(VIEW, B), Map.of(), ALLOCATOR);
        IpcSchema same = IpcSchema.of(List.of(A, B), Map.of("k", "v"), ALLOCATOR);

        assertThatThrownBy(() -> second.select(other, ALLOCATOR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("field 0: " + VIEW + " (expected: " + A + ", of the schema that was selected from)");
        assertThat(other.refCnt()).isZero(); // consumed
        second.select(same, ALLOCATOR).release();
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
}
