package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class IpcBatchBuilderTest {
    private static final int LONG = IpcBatchBuilder.SHARED_FROM_BYTES;
    private static final DirtyAllocator ALLOCATOR = new DirtyAllocator(0x5A);
    private static final IpcField INT64 = IpcField.of("i", true, IpcType.INT64);
    private static final IpcField UTF8 = IpcField.of("s", true, IpcType.UTF8);

    /** Builds a batch of an int64 column of {@code rows} values and no nulls, whose values are {@code bytes}; consumed. */
    private static IpcRecordBatch int64s(@Nullable IpcCompression compression, long rows, ByteBuf bytes) {
        try (IpcBatchBuilder builder = builder(compression)) {
            builder.addNode(rows, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(bytes);
            return builder.recordBatch(rows, Map.of());
        }
    }

    private static IpcBatchBuilder builder(@Nullable IpcCompression compression) {
        return new IpcBatchBuilder(compression, LONG, ALLOCATOR);
    }

    /** Returns a direct buffer of so many bytes: 1, 2, 3 ... */
    private static ByteBuf bytes(int count) {
        ByteBuf bytes = ALLOCATOR.directBuffer(count);
        for (int i = 0; i < count; i++) {
            bytes.writeByte(i + 1);
        }
        return bytes;
    }

    /** Decodes one batch behind a schema, verified; consumes both. */
    private static DecoderProbe decode(List<IpcField> fields, IpcMessage... messages) {
        IpcSchema schema = IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT);
        DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);
        probe.feed(ByteBufUtil.getBytes(schema.frame()));
        schema.release();
        for (IpcMessage message : messages) {
            probe.feed(ByteBufUtil.getBytes(message.frame()));
            message.release();
        }
        return probe;
    }

    @Test
    void copiesShortBuffersBehindTheHead() {
        ByteBuf values = bytes(8 * 3);
        try (IpcBatchBuilder builder = builder(null)) {
            builder.addNode(3, 1);
            builder.addBuffer(bytes(1));
            builder.addBuffer(values);
            assertThat(builder.copiedBytes()).isEqualTo(25);
            IpcRecordBatch batch = builder.recordBatch(3, Map.of());

            assertThat(batch.frame().nioBufferCount()).isOne();
            assertThat(FrameForm.bodyAddress(batch) % 64).isZero();
            assertThat(values.refCnt()).isOne();
            try (DecoderProbe probe = decode(List.of(INT64), batch)) {
                IpcRecordBatch read = probe.message(1, IpcRecordBatch.class);
                assertThat(read.rowCount()).isEqualTo(3);
                assertThat(read.batchMetadata().nullCount(0)).isEqualTo(1);
                assertThat(ByteBufUtil.getBytes(read.body()))
                        .startsWith(1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3)
                        .hasSize(32);
            }
        }
        assertThat(values.refCnt()).isZero();
    }

    @Test
    void sharesLongBuffers() {
        ByteBuf values = bytes(LONG);
        long address = values.memoryAddress();

        IpcRecordBatch batch = int64s(null, LONG / 8, values);

        assertThat(values.refCnt()).isOne(); // the batch's
        assertThat(FrameForm.bodyAddress(batch)).isEqualTo(address); // one buffer is all of the body
        values.setByte(0, 99);
        assertThat(batch.buffer(1, 1).getByte(0)).isEqualTo((byte) 99);
        batch.release();
        assertThat(values.refCnt()).isZero();
    }

    @Test
    void alignsWhatItSharesAndPadsWithZeroes() {
        try (IpcBatchBuilder builder = builder(null)) {
            builder.addNode(LONG / 4, 0);
            builder.addBuffer(bytes(LONG / 32));
            builder.addBuffer(bytes(LONG + 4));
            builder.addBuffer(bytes(LONG + 1));
            builder.addNode(LONG / 4, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(bytes(2 * LONG));
            assertThat(builder.copiedBytes()).isEqualTo(LONG / 32);
            IpcRecordBatch batch = builder.recordBatch(LONG / 4, Map.of());

            byte[] body = ByteBufUtil.getBytes(batch.body());
            int data = align(align(LONG / 32) + LONG + 4);
            int last = align(data + LONG + 1);
            assertThat(body).hasSize(last + 2 * LONG);
            assertZero(body, LONG / 32, align(LONG / 32));
            assertZero(body, align(LONG / 32) + LONG + 4, data);
            assertZero(body, data + LONG + 1, last);
            assertThat(batch.buffer(1, 1).getByte(0)).isOne();
            assertThat(body[data]).isOne();
            assertThat(body[last]).isOne();
            assertThat(batch.frame().nioBufferCount()).isEqualTo(6);
            decode(List.of(UTF8, INT64), batch).close();
        }
    }

    private static int align(int bytes) {
        return (bytes + 63) & -64;
    }

    private static void assertZero(byte[] body, int from, int to) {
        for (int i = from; i < to; i++) {
            assertThat(body[i]).as("byte %s", i).isZero();
        }
    }

    @Test
    void padsBehindSharedBuffer() {
        IpcRecordBatch batch = int64s(null, LONG / 8, bytes(LONG + 3));

        assertThat(batch.body().readableBytes()).isEqualTo(LONG + 8);
        byte[] body = ByteBufUtil.getBytes(batch.body());
        assertZero(body, LONG + 3, LONG + 8);
        decode(List.of(INT64), batch).close();
    }

    @Test
    void copiesAllWhereNothingIsLongEnough() {
        ByteBuf values = bytes(LONG);
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, Integer.MAX_VALUE, ALLOCATOR)) {
            builder.addNode(LONG / 8, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(values);
            IpcRecordBatch batch = builder.recordBatch(LONG / 8, Map.of());
            values.setByte(0, 99);

            assertThat(batch.frame().nioBufferCount()).isOne();
            assertThat(batch.buffer(1, 1).getByte(0)).isOne();
            batch.release();
        }
    }

    @Test
    void hasNoBodyWhereThereAreNoBuffers() {
        try (IpcBatchBuilder builder = builder(null);
                DecoderProbe probe = decode(List.of(), builder.recordBatch(5, Map.of()))) {
            assertThat(probe.message(1, IpcRecordBatch.class).rowCount()).isEqualTo(5);
            assertThat(probe.message(1, IpcRecordBatch.class).body().isReadable())
                    .isFalse();
        }
    }

    @Test
    void writesCustomMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "1");
        metadata.put("é", "");
        try (IpcBatchBuilder builder = builder(null)) {
            IpcRecordBatch batch = builder.recordBatch(0, metadata);
            assertThat(batch.customMetadata()).containsExactlyEntriesOf(metadata);

            try (DecoderProbe probe = decode(List.of(), batch)) {
                assertThat(probe.messages.get(1).customMetadata()).containsExactlyEntriesOf(metadata);
            }
        }
    }

    @Test
    void isEditedInPlace() {
        IpcRecordBatch batch = int64s(null, LONG / 8, bytes(LONG));
        long address = FrameForm.bodyAddress(batch);

        IpcRecordBatch edited = batch.edited(new IpcMetadataEdit("", Map.of("k", "v")), ALLOCATOR);

        assertThat(FrameForm.bodyAddress(edited)).isEqualTo(address);
        assertThat(edited.customMetadata()).containsExactly(Map.entry("k", "v"));
        decode(List.of(INT64), edited).close();
    }

    @Test
    void writesVariadicCounts() {
        IpcField view = IpcField.of("v", true, IpcType.of(IpcTypeId.UTF8_VIEW));
        try (IpcBatchBuilder builder = builder(null)) {
            for (int count = 0; count < 2; count++) {
                builder.addNode(1, 0);
                builder.addBuffer(Unpooled.EMPTY_BUFFER);
                builder.addBuffer(bytes(16));
                builder.addVariadicCount(count);
            }
            builder.addBuffer(bytes(20));

            decode(List.of(view, view), builder.recordBatch(1, Map.of())).close();
        }
    }

    @Test
    void writesDictionary() {
        IpcField encoded =
                new IpcField("d", true, IpcType.INT64, new IpcDictionaryEncoding(7, IpcType.INT32, false), List.of());
        List<IpcMessage> messages = new ArrayList<>();
        for (boolean isDelta : new boolean[] {false, true}) {
            try (IpcBatchBuilder builder = builder(null)) {
                builder.addNode(LONG / 8, 0);
                builder.addBuffer(Unpooled.EMPTY_BUFFER);
                builder.addBuffer(bytes(LONG));
                messages.add(builder.dictionaryBatch(7, isDelta, LONG / 8));
            }
        }

        try (DecoderProbe probe = decode(List.of(encoded), messages.toArray(IpcMessage[]::new))) {
            assertThat(probe.message(1, IpcDictionaryBatch.class).id()).isEqualTo(7);
            assertThat(probe.message(1, IpcDictionaryBatch.class).isDelta()).isFalse();
            assertThat(probe.message(2, IpcDictionaryBatch.class).isDelta()).isTrue();
        }
    }

    @Test
    void marksWhatIsNotCompressed() {
        for (@Nullable IpcCompression compression : List.of(IpcCompression.LZ4_FRAME, IpcCompression.ZSTD)) {
            for (int length : new int[] {8, LONG}) {
                IpcRecordBatch batch = int64s(compression, length / 8, bytes(length));

                assertThat(batch.buffer(1, 8).getLongLE(0)).isEqualTo(-1);
                assertThat(batch.buffer(1, 9).getByte(8)).isOne();
                try (DecoderProbe probe = decode(List.of(INT64), batch)) {
                    assertThat(probe.message(1, IpcRecordBatch.class).body().readableBytes())
                            .isEqualTo(8 + length);
                }
            }
        }
    }

    @Test
    void writesTheLengthInFrontOfWhatIsCompressed() {
        for (int compressed : new int[] {10, LONG}) {
            try (IpcBatchBuilder builder = builder(IpcCompression.ZSTD)) {
                builder.addNode(LONG, 0);
                builder.addBuffer(Unpooled.EMPTY_BUFFER);
                builder.addCompressed(bytes(compressed), 8 * LONG);
                IpcRecordBatch batch = builder.recordBatch(LONG, Map.of());

                assertThat(batch.buffer(1, 8 + compressed).getLongLE(0)).isEqualTo(8 * LONG);
                decode(List.of(INT64), batch).close();
            }
        }
    }

    @Test
    void refusesWhatIsLongerThanBufferCanBe() {
        ByteBuf page = bytes(1 << 20);
        ByteBuf[] pages = new ByteBuf[1024];
        Arrays.setAll(pages, i -> page.retainedSlice());
        ByteBuf gibibyte = Unpooled.wrappedBuffer(pages.length, pages);
        try (IpcBatchBuilder builder = builder(null)) {
            builder.addNode(1, 0);
            builder.addBuffer(gibibyte.retainedSlice());
            builder.addBuffer(gibibyte);

            assertThatThrownBy(() -> builder.recordBatch(1, Map.of()))
                    .isInstanceOf(IpcException.class)
                    .hasMessageStartingWith("bytes of a message: 214748")
                    .extracting(e -> ((IpcException) e).code())
                    .isEqualTo(IpcErrorCode.TOO_LARGE);
        }
        page.release();
    }
}
