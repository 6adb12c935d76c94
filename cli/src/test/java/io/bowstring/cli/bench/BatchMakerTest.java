package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakDetection.class)
class BatchMakerTest {
    @ParameterizedTest
    @CsvSource({
        "32B,    1, 32",
        "32B,    4, 32",
        "32B,    3, 48",
        "32B,    7, 56",
        "1KiB,   8, 1024",
        "64KiB,  1, 65536",
        "64KiB,  8, 65536",
        "64KiB, 16, 65536", // 16 columns of exactly 4 KiB
        "64KiB, 10, 65888", // long columns of 6560 bytes, each at a multiple of 64
        "64KiB, 17, 65552", // short columns
    })
    void bodyIsAsLongAsItsShapeSaysAndBeginsWithTheStamp(String size, int columns, int bytes) {
        BatchShape shape = BatchShape.of(columns, BodySize.parse(size));
        Stamp first = new Stamp(-5, 0, 1L << 60, false);
        Stamp second = new Stamp(7, 1L << 40, 3, true);
        try (BatchMaker maker = new BatchMaker(shape)) {
            IpcRecordBatch one = maker.make(first);
            IpcRecordBatch other = maker.make(second); // does not change the one before

            assertThat(shape.bodyBytes()).isEqualTo(bytes);
            assertThat(one.body().readableBytes()).isEqualTo(bytes);
            assertThat(one.rowCount()).isEqualTo(shape.rows());
            assertThat(Stamp.read(one.body())).isEqualTo(first);
            assertThat(Stamp.read(other.body())).isEqualTo(second);
            one.release();
            other.release();
        }
    }

    @Test
    void longColumnsAreNotCopied() {
        try (BatchMaker maker = new BatchMaker(BatchShape.of(2, BodySize.parse("1MiB")))) {
            IpcRecordBatch batch = maker.make(new Stamp(1, 2, 3, true));
            ByteBuf body = batch.body();

            assertThat(body.nioBufferCount()).isGreaterThan(2);
            assertThat(body.getLongLE(Stamp.BYTES)).isEqualTo(4);
            assertThat(body.getLongLE(512 << 10)).isZero();
            batch.release();
        }
    }

    @Test
    void refusesBatchOfSomebodyElse() {
        assertThatThrownBy(() -> Stamp.read(Unpooled.buffer().writeLongLE(1)))
                .isInstanceOf(BenchException.class)
                .hasMessage("body of a batch: 8 bytes (expected: one that bench has published)");
    }
}
