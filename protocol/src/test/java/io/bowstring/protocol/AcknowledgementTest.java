package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AcknowledgementTest {
    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    @Test
    void parsesWhatItWrites() {
        for (Acknowledgement row : List.of(
                new Acknowledgement(0, -1, null),
                new Acknowledgement(7, 1L << 40, null),
                new Acknowledgement(7, 12, ""),
                new Acknowledgement(7, 12, "TOO_LARGE: wörds"))) {
            IpcRecordBatch batch = row.toBatch(allocator.get());

            assertThat(Acknowledgement.parse(batch)).isEqualTo(row);
            assertThat(batch.rowCount()).isOne();
            batch.release();
        }
    }

    @Test
    void hasTheFrameOfItsBatch() {
        for (Acknowledgement row : List.of(
                new Acknowledgement(0, -1, null),
                new Acknowledgement(7, 1L << 40, null),
                new Acknowledgement(7, 12, "TOO_LARGE: wörds"))) {
            IpcRecordBatch batch = row.toBatch(allocator.get());
            ByteBuf frame = row.toFrame(allocator.get());

            assertThat(frame).isEqualTo(batch.frame());
            batch.release();
            frame.release();
        }
    }

    @Test
    void hasSchemaOfProtocol() {
        IpcSchema schema = Acknowledgement.toSchema(allocator.get());

        assertThat(schema.fields())
                .extracting(IpcField::toString)
                .containsExactly("batches: int64 not null", "offset: int64 not null", "error: utf8");
        assertThat(schema.schemaMetadata()).isEmpty();
        schema.release();
    }

    @Test
    void refusesBatchWithoutColumns() {
        assertMalformed(PlainBatch.of(1, List.of(), List.of(), allocator.get()));
    }

    @Test
    void refusesBatchWithoutRows() {
        List<ByteBuf> buffers = Collections.nCopies(7, Unpooled.EMPTY_BUFFER);

        assertMalformed(PlainBatch.of(0, Collections.nCopies(3, new PlainBatch.Node(0, 0)), buffers, allocator.get()));
    }

    @Test
    void refusesBatchOfSeveralRows() {
        List<PlainBatch.Node> nodes = Collections.nCopies(3, new PlainBatch.Node(2, 0));

        assertMalformed(PlainBatch.of(2, nodes, buffers(7, 5), allocator.get()));
    }

    @Test
    void refusesBatchWithTooFewBuffers() {
        assertMalformed(batch(6, 5));
    }

    @Test
    void refusesBatchWithTooFewFieldNodes() {
        List<PlainBatch.Node> nodes = Collections.nCopies(2, new PlainBatch.Node(1, 0));

        assertMalformed(PlainBatch.of(1, nodes, buffers(7, 5), allocator.get()));
    }

    @Test
    void refusesErrorThatEndsOutsideItsBuffer() {
        assertMalformed(batch(7, 9));
        assertMalformed(batch(7, Integer.MAX_VALUE));
    }

    @Test
    void readsNegativeErrorLengthAsEmpty() {
        IpcRecordBatch batch = batch(7, -5);

        assertThat(Acknowledgement.parse(batch)).isEqualTo(new Acknowledgement(3, 4, ""));
        batch.release();
    }

    /** Returns an acknowledgement of 3 batches up to offset 4, whose error, "error", claims another length. */
    private IpcRecordBatch batch(int bufferCount, int errorBytes) {
        List<PlainBatch.Node> nodes = Collections.nCopies(3, new PlainBatch.Node(1, 0));
        return PlainBatch.of(1, nodes, buffers(bufferCount, errorBytes), allocator.get());
    }

    private static List<ByteBuf> buffers(int count, int errorBytes) {
        List<ByteBuf> buffers = new ArrayList<>(List.of(
                Unpooled.EMPTY_BUFFER,
                Unpooled.buffer().writeLongLE(3),
                Unpooled.EMPTY_BUFFER,
                Unpooled.buffer().writeLongLE(4),
                Unpooled.EMPTY_BUFFER,
                Unpooled.buffer().writeIntLE(0).writeIntLE(errorBytes),
                Unpooled.wrappedBuffer(new byte[] {'e', 'r', 'r', 'o', 'r'})));
        return buffers.subList(0, count);
    }

    private static void assertMalformed(IpcRecordBatch batch) {
        assertThatExceptionOfType(IpcException.class)
                .isThrownBy(() -> Acknowledgement.parse(batch))
                .returns(IpcErrorCode.MALFORMED, IpcException::code);
        batch.release();
    }
}
