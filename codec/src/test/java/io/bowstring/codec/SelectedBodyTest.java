package io.bowstring.codec;

import static io.bowstring.codec.SelectionProbe.assertSelects;
import static io.bowstring.codec.SelectionProbe.decode;
import static io.bowstring.codec.SelectionProbe.decodeLarge;
import static io.bowstring.codec.SelectionProbe.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The bytes of a batch of some fields: its head, and which parts of the body it shares or copies. */
@ExtendWith(LeakDetection.class)
class SelectedBodyTest {
    private static final IpcField A = IntColumns.A;
    private static final IpcField B = IntColumns.B;
    private static final byte[] NONE = {};
    private static final byte[] NINE = {9, 9, 9, 9};

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

    @Test
    void writesHeadOfItsOwn() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
            IpcRecordBatch selected = select(probe, 1);

            assertThat(ByteBufUtil.getBytes(selected.frame())).isEqualTo(BATCH_OF_B);
            selected.release();
        }
    }

    @Test
    void sharesTheBody() {
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
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
        try (DecoderProbe probe = decode(IpcVerification.STRUCTURE, IntColumns.FIELDS, IntColumns.BATCH)) {
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
                .buffer(Wire.concat(IntColumns.ints(1), NINE))
                .buffer(NONE)
                .buffer(Wire.concat(IntColumns.ints(2), NINE))
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
        try (DecoderProbe probe = decodeLarge(1_100)) {
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
    void releasesWhatItHasMadeWhereItFails() {
        for (int runs : new int[] {3, SelectedBody.MAX_RUNS + 1}) {
            ByteBuf body = Unpooled.buffer();
            BatchTable batch = new BatchTable();
            for (int i = 0; i < runs; i++) {
                batch.addRange(8 + 16L * i, 8);
                body.writeLongLE(-1).writeLongLE(i);
            }
            SelectedBody selected = new SelectedBody(body, batch);
            MetadataWriter metadata = new MetadataWriter(IpcKind.RECORD_BATCH, MessageHeader.V5, 0, false, 64);
            metadata.finish();
            body.release(); // so that nothing can be had of it
            CountingAllocator allocator = new CountingAllocator();
            AtomicInteger freed = new AtomicInteger();

            for (Runnable onFree : new Runnable[] {null, freed::incrementAndGet}) {
                assertThatThrownBy(() -> selected.newFrame(metadata, onFree, allocator))
                        .isInstanceOf(RuntimeException.class);
            }

            assertThat(allocator.requestedBytes()).isPositive();
            assertThat(allocator.usedBytes()).isZero();
            assertThat(freed).hasValue(0);
        }
    }
}
