package io.bowstring.vector;

import static io.bowstring.vector.BatchReaderTest.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that say where others are: all that are right are taken, and the nearest that are wrong refused. */
@ExtendWith(LeakDetection.class)
class ValueCheckTest {
    private static final IpcField ITEM = IpcField.of("item", true, IpcType.of(IpcTypeId.INT, 8, 1));

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"BINARY", "UTF8"})
    void checksOffsetsOfBytes(IpcTypeId type) {
        IpcField field = field(type);

        assertTaken(field, bytes(0, 2, 2, 5));
        assertTaken(field, bytes(5, 5, 5, 5));
        String rule = " (expected: ascending from 0 or more to 5 or less)";
        assertRefused(field, bytes(0, 2, 2, 6), "offsets of field f: the last one 6" + rule);
        assertRefused(field, bytes(0, 3, 2, 5), "offsets of field f: the last one 5" + rule);
        assertRefused(field, bytes(-1, 0, 0, 0), "offsets of field f: the last one 0" + rule);
        assertRefused(field, bytes(0, Integer.MIN_VALUE, 0, 0), "offsets of field f: the last one 0" + rule);
    }

    private static BatchMaker bytes(int... offsets) {
        return new BatchMaker().node(3, 0).bytes().ints(offsets).zeroes(5);
    }

    @Test
    void checksTheOffsetOfNoValues() {
        assertTaken(field(IpcTypeId.UTF8), none().ints().bytes());
        assertTaken(
                field(IpcTypeId.LARGE_LIST, ITEM),
                none().longs().node(0, 0).bytes().bytes());
        assertRefused(
                field(IpcTypeId.UTF8),
                none().ints(1).bytes(),
                "offsets of field f: the last one 1 (expected: ascending from 0 or more to 0 or less)");
    }

    private static BatchMaker none() {
        return new BatchMaker().node(0, 0).bytes();
    }

    @ParameterizedTest
    @EnumSource(names = {"LARGE_BINARY", "LARGE_UTF8"})
    void checksLargeOffsetsOfBytes(IpcTypeId type) {
        IpcField field = field(type);

        assertTaken(field, largeBytes(0, 2, 5));
        String rule = " (expected: ascending from 0 or more to 5 or less)";
        assertRefused(field, largeBytes(0, 2, 6), "offsets of field f: the last one 6" + rule);
        assertRefused(field, largeBytes(0, 3, 2), "offsets of field f: the last one 2" + rule);
        assertRefused(field, largeBytes(0, 1L << 33, 5), "offsets of field f: the last one 5" + rule);
        assertRefused(field, largeBytes(-1, 0, 0), "offsets of field f: the last one 0" + rule);
    }

    private static BatchMaker largeBytes(long... offsets) {
        return new BatchMaker().node(2, 0).bytes().longs(offsets).zeroes(5);
    }

    @Test
    void checksOffsetsOfLists() {
        IpcField list = field(IpcTypeId.LIST, ITEM);
        IpcField large = field(IpcTypeId.LARGE_LIST, ITEM);

        assertTaken(list, items(new BatchMaker().node(2, 0).bytes().ints(0, 1, 3)));
        assertTaken(large, items(new BatchMaker().node(2, 0).bytes().longs(0, 1, 3)));
        String message = "offsets of field f: the last one 4 (expected: ascending from 0 or more to 3 or less)";
        assertRefused(list, items(new BatchMaker().node(2, 0).bytes().ints(0, 1, 4)), message);
        assertRefused(large, items(new BatchMaker().node(2, 0).bytes().longs(0, 1, 4)), message);
    }

    @Test
    void checksOffsetsOfMaps() {
        IpcField key = IpcField.of("k", false, ITEM.type());
        IpcField entries = new IpcField("e", false, IpcType.of(IpcTypeId.STRUCT), null, List.of(key, ITEM));
        IpcField map = new IpcField("f", true, IpcType.of(IpcTypeId.MAP, 0), null, List.of(entries));

        assertTaken(map, entries(0, 1, 3));
        assertRefused(
                map,
                entries(0, 1, 4),
                "offsets of field f: the last one 4 (expected: ascending from 0 or more to 3 or less)");
    }

    private static BatchMaker entries(int... offsets) {
        BatchMaker map =
                new BatchMaker().node(2, 0).bytes().ints(offsets).node(3, 0).bytes();
        return items(items(map));
    }

    /** Adds three items. */
    private static BatchMaker items(BatchMaker batch) {
        return batch.node(3, 0).bytes().bytes(1, 2, 3);
    }

    @ParameterizedTest
    @CsvSource({"0, 3, true", "3, 0, true", "2, 1, true", "2, 2, false", "-1, 1, false", "4, 0, false", "0, -1, false"})
    void checksRangesOfListViews(int offset, int size, boolean isRight) {
        String message = "list of field f: offset " + offset + ", size " + size + " (expected: inside 3 values)";
        BatchMaker view = new BatchMaker().node(2, 0).bytes().ints(0, offset).ints(1, size);
        BatchMaker large = new BatchMaker().node(2, 0).bytes().longs(0, offset).longs(1, size);

        assertThat(isRight ? null : message).isEqualTo(refusal(field(IpcTypeId.LIST_VIEW, ITEM), items(view)));
        assertThat(isRight ? null : message).isEqualTo(refusal(field(IpcTypeId.LARGE_LIST_VIEW, ITEM), items(large)));
    }

    @Test
    void checksRangesOfListViewsThatOverflow() {
        BatchMaker large =
                new BatchMaker().node(2, 0).bytes().longs(0, Long.MAX_VALUE).longs(1, Long.MAX_VALUE);

        assertThat(refusal(field(IpcTypeId.LARGE_LIST_VIEW, ITEM), items(large)))
                .startsWith("list of field f: offset 9223372036854775807, ");
    }

    @ParameterizedTest
    @CsvSource({
        "12, -1, -1, true", // in place
        "0, 0, 0, true",
        "13, 0, 0, true",
        "13, 1, 7, true",
        "13, 1, 8, false",
        "13, 0, 1, false",
        "13, 2, 0, false",
        "13, -1, 0, false",
        "13, 0, -1, false",
        "-1, 0, 0, false",
        "2147483647, 1, 2147483647, false"
    })
    void checksViews(int bytes, int buffer, int offset, boolean isRight) {
        for (IpcTypeId type : List.of(IpcTypeId.UTF8_VIEW, IpcTypeId.BINARY_VIEW)) {
            BatchMaker valid = new BatchMaker().node(1, 0).bytes().ints(bytes, 0, buffer, offset);
            String message = "view of field f: " + bytes + " bytes at " + offset + " of buffer " + buffer
                    + " (expected: inside the data buffers, of which there are 2)";
            assertThat(refusal(field(type), valid.zeroes(13).zeroes(20).variadic(2)))
                    .isEqualTo(isRight ? null : message);

            BatchMaker none = new BatchMaker().node(1, 1).bytes(0).ints(bytes, 0, buffer, offset);
            assertTaken(field(type), none.zeroes(13).zeroes(20).variadic(2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 127})
    void takesTypeIdsOfTheUnion(int typeId) {
        assertTaken(union(0), sparse(5, typeId));
        assertTaken(union(1), dense(typeId, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 6, -1, -128})
    void refusesOtherTypeIds(int typeId) {
        String message = "type id of field f: " + typeId + " (expected: one of the type's)";

        assertRefused(union(0), sparse(5, typeId), message);
        assertRefused(union(1), dense(typeId, 0), message);
    }

    @ParameterizedTest
    @CsvSource({"5, -1, 2", "5, 2, 2", "127, 3, 3", "127, -2147483648, 3"})
    void checksOffsetsOfDenseUnions(int typeId, int offset, int length) {
        assertRefused(
                union(1),
                dense(typeId, offset),
                "offset of field f: " + offset + " (expected: 0 or more, less than " + length + ")");
    }

    /** A union of a struct, so that its second child is not the next node but one, and an integer. */
    private static IpcField union(int mode) {
        IpcField struct = new IpcField("s", true, IpcType.of(IpcTypeId.STRUCT), null, List.of(ITEM));
        return new IpcField("f", true, IpcType.of(IpcTypeId.UNION, mode, 5, 127), null, List.of(struct, ITEM));
    }

    private static BatchMaker sparse(int... typeIds) {
        return new BatchMaker()
                .node(2, 0)
                .bytes(typeIds)
                .node(2, 0)
                .bytes()
                .node(2, 0)
                .bytes()
                .bytes(1, 2)
                .node(2, 0)
                .bytes()
                .bytes(1, 2);
    }

    private static BatchMaker dense(int typeId, int offset) {
        return items(new BatchMaker()
                .node(2, 0)
                .bytes(5, typeId)
                .ints(0, offset)
                .node(2, 0)
                .bytes()
                .node(2, 0)
                .bytes()
                .bytes(1, 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    void checksRunEnds(int bits) {
        assertTaken(runs(bits), runs(bits, 1, 3));
        assertTaken(runs(bits), runs(bits, 1, 4)); // 4 is more than there are
        assertRefused(runs(bits), runs(bits, 1, 2), "last run end of field f: 2 (expected: >= 3)");
        assertRefused(runs(bits), runs(bits, 3, 3), "run end of field f: 3 (expected: > 3)");
        assertRefused(runs(bits), runs(bits, 0, 3), "run end of field f: 0 (expected: > 0)");
        assertRefused(runs(bits), runs(bits, -1, 3), "run end of field f: -1 (expected: > 0)");
    }

    @Test
    void looksAtNoValidityOfRunEnds() {
        BatchMaker batch = new BatchMaker().node(3, 0);
        assertTaken(
                runs(32),
                batch.node(2, 0).bytes(0).ints(1, 3).node(2, 0).bytes().bytes(1, 2));
    }

    private static IpcField runs(int bits) {
        IpcField ends = IpcField.of("ends", false, IpcType.of(IpcTypeId.INT, bits, 1));
        return new IpcField("f", true, IpcType.of(IpcTypeId.RUN_END_ENCODED), null, List.of(ends, ITEM));
    }

    private static BatchMaker runs(int bits, int first, int second) {
        BatchMaker batch = new BatchMaker().node(3, 0).node(2, 0).bytes();
        switch (bits) {
            case 16 -> batch.shorts(first, second);
            case 32 -> batch.ints(first, second);
            default -> batch.longs(first, second);
        }
        return batch.node(2, 0).bytes().bytes(1, 2);
    }

    @ParameterizedTest
    @CsvSource({"8, 1", "8, 0", "16, 1", "16, 0", "32, 1", "32, 0", "64, 1", "64, 0"})
    void checksIndicesOfAllTypes(int bits, int isSigned) {
        IpcType type = IpcType.of(IpcTypeId.INT, bits, isSigned);
        IpcField field = new IpcField("f", true, ITEM.type(), new IpcDictionaryEncoding(1, type, false), List.of());

        assertTaken(field, indices(bits, 0, 1));
        assertThat(refusal(field, indices(bits, 0, 2)))
                .startsWith("index of field f: 2 (expected: 0 or more, less than 2,");
        assertThat(refusal(field, indices(bits, 0, -1))).startsWith("index of field f: ");
    }

    private static BatchMaker indices(int bits, int first, int second) {
        BatchMaker batch = new BatchMaker().node(2, 0).bytes();
        return switch (bits) {
            case 8 -> batch.bytes(first, second);
            case 16 -> batch.shorts(first, second);
            case 32 -> batch.ints(first, second);
            default -> batch.longs(first, second);
        };
    }

    @Test
    void takesEverythingWhereItIsToldTo() {
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withValueChecks(false))) {
            reader.read(schema(field(IpcTypeId.UTF8)));
            reader.read(bytes(0, 3, 2, 5).recordBatch(3)).close();
        }
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withValueChecks(false))) {
            reader.read(schema(runs(32)));
            reader.read(runs(32, 3, 3).recordBatch(3)).close();
        }
    }

    private void assertTaken(IpcField field, BatchMaker batch) {
        assertThat(refusal(field, batch)).isNull();
    }

    private void assertRefused(IpcField field, BatchMaker batch, String message) {
        assertThat(refusal(field, batch)).isEqualTo(message);
    }

    /** Returns what the reader says to a batch; null where it takes it, and all its values could be read. */
    private String refusal(IpcField field, BatchMaker maker) {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(schema(field));
            if (field.dictionary() != null) {
                reader.read(new BatchMaker().node(2, 0).bytes().bytes(8, 9).dictionary(1, false, 2));
            }
            try (VectorBatch batch = reader.read(maker.recordBatch(maker.rows()))) {
                assertThat(Values.columns(batch.root(), batch.dictionaries())).hasSize(1);
                return null;
            } catch (IpcException e) {
                assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED);
                return e.getMessage();
            }
        } finally {
            assertThat(allocator.getAllocatedMemory()).isZero();
        }
    }

    private static IpcField field(IpcTypeId type, IpcField... children) {
        return new IpcField("f", true, IpcType.of(type), null, List.of(children));
    }

    @Test
    void hasALimitThatIsPositive() {
        assertThatThrownBy(() -> VectorConfig.DEFAULTS.withMaxDecompressedBytes(0))
                .hasMessage("maxDecompressedBytes: 0 (expected: 1..2147483647)");
        assertThat(VectorConfig.DEFAULTS).isEqualTo(new VectorConfig(256 << 20, true, false));
        assertThat(VectorConfig.DEFAULTS
                        .withMaxDecompressedBytes(5)
                        .withValueChecks(false)
                        .withUtf8Checks(true))
                .isEqualTo(new VectorConfig(5, false, true));
    }
}
