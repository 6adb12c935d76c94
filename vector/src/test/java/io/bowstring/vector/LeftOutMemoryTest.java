package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a reader allocates for what writers leave out, and for what fields share: how much, and for how long. */
@ExtendWith(LeakDetection.class)
class LeftOutMemoryTest {
    private static final IpcType INT8 = IpcType.of(IpcTypeId.INT, 8, 1);
    private static final int FIELDS = 1_000;
    private static final int VALUES = 16 << 10;
    private static final IpcDictionaryEncoding ENCODING = new IpcDictionaryEncoding(7, INT8, false);
    private static final IpcField TEXT = new IpcField("d", true, IpcType.UTF8, ENCODING, List.of());
    private static final IpcField STRUCTS = new IpcField(
            "d",
            true,
            IpcType.of(IpcTypeId.STRUCT),
            ENCODING,
            IntStream.range(0, FIELDS)
                    .mapToObj(i -> IpcField.of("f" + i, true, INT8))
                    .toList());
    private static final IpcField FLAG = IpcField.of("b", true, IpcType.BOOL);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    private final BatchReader reader = new BatchReader(allocator);

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    @Test
    void keepsNoMoreThanSmallBatchesNeed() {
        reader.read(BatchReaderTest.schema(FLAG));
        int bytes = 4 << 20;
        try (VectorBatch large = reader.read(flags(bytes))) {
            assertThat(large.root().getVector(0).isNull(8 * bytes - 1)).isFalse();
            assertThat(allocator.getAllocatedMemory()).isGreaterThan(2L * bytes);
        }
        assertThat(allocator.getAllocatedMemory()).isLessThanOrEqualTo((1 << 20) + 8);

        try (VectorBatch small = reader.read(flags(8))) {
            assertThat(small.root().getVector(0).isNull(63)).isFalse();
            assertThat(allocator.getAllocatedMemory()).isLessThan(10_000);
        }
    }

    @Test
    void makesUpAgainWhatItHasLetGoOf() {
        reader.read(BatchReaderTest.schema(FLAG));
        int bytes = 4 << 20;
        for (int i = 0; i < 2; i++) {
            try (VectorBatch large = reader.read(flags(bytes))) {
                assertThat(large.root().getVector(0).isNull(8 * bytes - 1)).isFalse();
            }
        }
    }

    private static IpcMessage flags(int bytes) {
        return new BatchMaker().node(8L * bytes, 0).bytes().zeroes(bytes).recordBatch(8L * bytes);
    }

    @Test
    void putsNoDictionaryTogetherThatTakesManyTimesWhatCame() {
        reader.read(BatchReaderTest.schema(STRUCTS));
        reader.read(shared(false));

        assertThatThrownBy(() -> reader.read(shared(true)))
                .hasMessageStartingWith("bytes of dictionary 7 put together: ")
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED));
        assertThat(allocator.getPeakMemoryAllocation()).isLessThan(2 << 20);
    }

    /** Returns a dictionary batch of structs whose fields are all the same bytes; owned. */
    private static IpcMessage shared(boolean isDelta) {
        BatchBytes batch = new BatchBytes(VALUES).node(VALUES, 0).range(0, 0);
        for (int i = 0; i < FIELDS; i++) {
            batch.node(VALUES, 0).range(0, 0).range(0, VALUES);
        }
        batch.body(new byte[VALUES]);
        ByteBuf frame = Unpooled.wrappedBuffer(isDelta ? batch.delta(7) : batch.dictionary(7));
        IpcStreamReader stream =
                new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING));
        IpcSchema schema = BatchReaderTest.schema(STRUCTS);
        stream.next(schema.frame()).release();
        schema.release();
        return stream.next(frame);
    }

    @Test
    void takesDeltasWhoseFieldsShareALittle() {
        reader.read(BatchReaderTest.schema(TEXT));
        for (int i = 0; i < 3; i++) {
            reader.read(
                    new BatchMaker().node(1, 0).bytes().ints(0, 1).bytes('a').dictionary(7, true, 1));
        }
        try (VectorBatch batch =
                reader.read(new BatchMaker().node(1, 0).bytes().bytes(2).recordBatch(1))) {
            assertThat(Values.columns(batch.root(), batch.dictionaries())).containsExactly("d [a]");
        }
    }
}
