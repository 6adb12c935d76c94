package io.bowstring.vector;

import static io.bowstring.vector.BatchReaderTest.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Types that the format allows and nobody uses. */
@ExtendWith(LeakDetection.class)
class EdgeTypesTest {
    private static final IpcField INT8 = IpcField.of("i", true, IpcType.of(IpcTypeId.INT, 8, 1));

    private static final String SAME_NAMES = "UNSUPPORTED field: f: %s_union[0, 1]<i: int8, i: int8>"
            + " (expected: what arrow-java has: children of different names)";

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void refusesValuesOfNoBytes() {
        assertThat(read(field(IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0)), three().bytes()))
                .isEqualTo(
                        "UNSUPPORTED field: f: fixed_size_binary[0] (expected: what arrow-java has: values of at least a byte)");
    }

    @Test
    void readsListsOfNoValues() {
        IpcField list = field(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 0), INT8);

        assertThat(read(list, three().node(0, 0).bytes().bytes())).isEqualTo("f [[], [], []][]");
    }

    @Test
    void readsStructsWithoutFields() {
        assertThat(read(field(IpcType.of(IpcTypeId.STRUCT)), three())).isEqualTo("f [{}, {}, {}]");
    }

    @Test
    void readsUnionsWithoutFields() {
        assertThat(read(
                        field(IpcType.of(IpcTypeId.UNION, 0)),
                        new BatchMaker().node(0, 0).bytes()))
                .isEqualTo("f []");
        assertThat(read(
                        field(IpcType.of(IpcTypeId.UNION, 1)),
                        new BatchMaker().node(0, 0).bytes().ints()))
                .isEqualTo("f []");
    }

    @Test
    void refusesFieldsOfOneName() {
        assertThat(read(
                        field(IpcType.of(IpcTypeId.UNION, 0, 0, 1), INT8, INT8),
                        new BatchMaker()
                                .node(1, 0)
                                .bytes(1)
                                .node(1, 0)
                                .bytes()
                                .bytes(1)
                                .node(1, 0)
                                .bytes()
                                .bytes(2)))
                .isEqualTo(SAME_NAMES.formatted("sparse"));
        assertThat(read(
                        field(IpcType.of(IpcTypeId.UNION, 1, 0, 1), INT8, INT8),
                        new BatchMaker()
                                .node(1, 0)
                                .bytes(1)
                                .ints(0)
                                .node(1, 0)
                                .bytes()
                                .bytes(1)
                                .node(1, 0)
                                .bytes()
                                .bytes(2)))
                .isEqualTo(SAME_NAMES.formatted("dense"));
    }

    @Test
    void readsManyFields() {
        IpcField[] fields = new IpcField[200];
        Arrays.setAll(fields, i -> IpcField.of("f" + i, true, INT8.type()));
        BatchMaker batch = three();
        for (int i = 0; i < 200; i++) {
            batch.node(3, 0).bytes().bytes(1, 2, 3);
        }
        assertThat(read(field(IpcType.of(IpcTypeId.STRUCT), fields), batch))
                .startsWith("f [{\"f0\":1,\"f1\":1,\"f2\":1,");
    }

    @Test
    void readsDeepFields() {
        IpcField field = INT8;
        BatchMaker batch = new BatchMaker();
        for (int i = 0; i < 250; i++) {
            field = field(IpcType.of(IpcTypeId.STRUCT), field);
            batch.node(3, 0).bytes();
        }
        assertThat(read(field, batch.node(3, 0).bytes().bytes(1, 2, 3)))
                .startsWith("f [" + "{\"f\":".repeat(249) + "{\"i\":1}");
    }

    @Test
    void readsUnionsFromBeforeV5WithoutNullsAlone() {
        IpcField union = field(IpcType.of(IpcTypeId.UNION, 0, 0), INT8);

        assertThat(read(union, older(union, 0))).isEqualTo("f [1, 2][1, 2]");
        assertThat(read(union, older(union, 1)))
                .isEqualTo("UNSUPPORTED nulls of union f: 1"
                        + " (expected: none: metadata before V5, arrow-java has no nulls of unions)");
    }

    /** Returns a batch with validity of the union, as metadata V4 has it. */
    private static IpcRecordBatch older(IpcField union, int nullCount) {
        IpcRecordBatch batch = new BatchMaker()
                .node(2, nullCount)
                .bytes(nullCount == 0 ? 0b11 : 0b01)
                .bytes(0, 0)
                .node(2, 0)
                .bytes()
                .bytes(1, 2)
                .recordBatch(2);
        IpcSchema schema = schema(union);
        ByteBuf frame = batch.frame().copy();
        batch.release();
        int message = 8 + frame.getIntLE(8);
        int version = message + frame.getShortLE(message - frame.getIntLE(message) + 4);
        frame.setShortLE(version, 3); // V4
        try {
            IpcStreamReader stream =
                    new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING));
            stream.next(schema.frame()).release();
            return (IpcRecordBatch) stream.next(frame);
        } finally {
            frame.release();
            schema.release();
        }
    }

    private static BatchMaker three() {
        return new BatchMaker().node(3, 0).bytes();
    }

    private static IpcField field(IpcType type, IpcField... children) {
        return new IpcField("f", true, type, null, List.of(children));
    }

    /** Returns the values, or what is said where they are refused. */
    private String read(IpcField field, BatchMaker maker) {
        return read(field, maker.recordBatch(maker.rows()));
    }

    /** As above, of a message; consumed. */
    private String read(IpcField field, IpcRecordBatch message) {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(schema(field));
            try (VectorBatch batch = reader.read(message.retain())) {
                return Values.columns(batch.root(), batch.dictionaries()).get(0);
            }
        } catch (IpcException e) {
            return e.code() + " " + e.getMessage();
        } finally {
            message.release();
        }
    }
}
