package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class IpcRecordBatchTest {
    @Test
    void decodesAsItWasWritten() {
        ByteBuf validity = Unpooled.wrappedBuffer(new byte[] {0b101});
        ByteBuf values = Unpooled.wrappedBuffer(new byte[] {9, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0});
        values.skipBytes(1);
        IpcRecordBatch written = PlainBatch.of(
                3,
                List.of(new PlainBatch.Node(3, 1), new PlainBatch.Node(4, 2)),
                List.of(validity, values, Unpooled.EMPTY_BUFFER, validity),
                UnpooledByteBufAllocator.DEFAULT);
        byte[] frame = ByteBufUtil.getBytes(written.frame());
        written.release();

        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, frame)) {
            IpcRecordBatch read = probe.message(1, IpcRecordBatch.class);
            assertThat(read.rowCount()).isEqualTo(3);
            assertThat(read.batchMetadata().nullCount(0)).isEqualTo(1);
            assertThat(read.batchMetadata().nullCount(1)).isEqualTo(2);
            assertThat(read.buffer(0, 1).getByte(0)).isEqualTo((byte) 0b101);
            assertThat(ByteBufUtil.getBytes(read.buffer(1, 12))).containsExactly(1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0);
            assertThat(read.buffer(2, 0).isReadable()).isFalse();
            assertThat(read.buffer(3, 1).getByte(0)).isEqualTo((byte) 0b101);
            // each buffer padded to 8 bytes: 8 + 16 + 0 + 8
            assertThat(read.body().readableBytes()).isEqualTo(32);
            assertThat(ByteBufUtil.getBytes(read.body().slice(1, 7))).containsOnly(0);
        }
        assertThat(values.readableBytes()).isEqualTo(12); // borrowed
        assertThat(validity.refCnt()).isEqualTo(1);
    }

    @Test
    void hasNoRowsNodesAndBuffersWhereNoneAreGiven() {
        IpcRecordBatch batch = PlainBatch.of(0, List.of(), List.of(), UnpooledByteBufAllocator.DEFAULT);

        assertThat(batch.rowCount()).isZero();
        assertThat(batch.kind()).isEqualTo(IpcKind.RECORD_BATCH);
        assertThat(batch.body().isReadable()).isFalse();
        batch.release();
    }

    @Test
    void refusesFieldsThatAreNotThere() {
        assertMalformed(
                Wire.inMetadata(Wire.BATCH, 68, "06"), // 6 nodes of 16 bytes
                IpcRecordBatch::batchMetadata,
                "vector count: 6 (expected: a vector inside the metadata)");
    }

    @Test
    void refusesBufferThatIsNotThere() {
        assertMalformed(Wire.BATCH, batch -> batch.buffer(2, 0), "buffers: 2 (expected: more than 2)");
    }

    @ParameterizedTest
    @CsvSource({
        "04 00 00 00 00 00 00 00, 4", // up to the end of the body
        "00 00 00 00 00 00 00 00, 0",
    })
    void findsBufferInsideTheBody(String offset, int index) {
        byte[] moved = Wire.inMetadata(Wire.BATCH, 112, offset);
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, moved)) {
            IpcRecordBatch batch = probe.message(1, IpcRecordBatch.class);

            assertThat(batch.buffer(1, 12)).isEqualTo(batch.body().slice(index, 12));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "05 00 00 00 00 00 00 00, 5",
        "FF FF FF FF FF FF FF FF, -1",
        "00 00 00 00 01 00 00 00, 4294967296",
        "FF FF FF FF FF FF FF 7F, 9223372036854775807",
    })
    void refusesBufferOutsideTheBody(String offset, long value) {
        assertMalformed(
                Wire.inMetadata(Wire.BATCH, 112, offset),
                batch -> batch.buffer(1, 12),
                "buffer 1: offset " + value + ", 12 bytes (expected: 12 bytes inside the body)");
    }

    @Test
    void refusesMoreThanTheBufferHas() {
        assertMalformed(
                Wire.BATCH,
                batch -> batch.buffer(1, 13),
                "buffer 1: offset 0, 12 bytes (expected: 13 bytes inside the body)");
        assertMalformed(
                Wire.inMetadata(Wire.BATCH, 120, "FF FF FF FF FF FF FF FF"),
                batch -> batch.buffer(1, 0),
                "buffer 1: offset 0, -1 bytes (expected: 0 bytes inside the body)");
    }

    private static void assertMalformed(byte[] bytes, Consumer<IpcRecordBatch> read, String message) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, bytes)) {
            IpcRecordBatch batch = probe.message(1, IpcRecordBatch.class);
            assertThatThrownBy(() -> read.accept(batch))
                    .isInstanceOf(IpcException.class)
                    .hasMessage(message)
                    .extracting(e -> ((IpcException) e).code())
                    .isEqualTo(IpcErrorCode.MALFORMED);
        }
    }

    @Test
    void refusesNegativeRowCount() {
        assertThatThrownBy(() -> PlainBatch.of(-1, List.of(), List.of(), UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rowCount: -1 (expected: >= 0)");
    }
}
