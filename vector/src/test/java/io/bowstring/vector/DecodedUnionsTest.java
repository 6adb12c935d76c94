package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Unions in decoded roots, of which arrow-java's vectors do not tell what they were made of. */
@ExtendWith(LeakDetection.class)
class DecodedUnionsTest {
    private static final IpcField BYTE = IpcField.of("b", true, IpcType.of(IpcTypeId.INT, 8, 1));
    private static final IpcField LONG = IpcField.of("l", true, IpcType.INT64);

    /** A union of a byte and a long, in three rows. */
    record Union(boolean isDense, int first, int second) {
        IpcField field() {
            IpcType type = IpcType.of(IpcTypeId.UNION, isDense ? 1 : 0, first, second);
            return new IpcField("u", true, type, null, List.of(BYTE, LONG));
        }

        /** Adds 1, 20 and 3. */
        BatchMaker addTo(BatchMaker batch) {
            batch.node(3, 0).bytes(first, second, first);
            if (isDense) {
                batch.ints(0, 0, 1);
                return batch.node(2, 0).bytes().bytes(1, 3).node(1, 0).bytes().longs(20);
            }
            return batch.node(3, 0).bytes().bytes(1, 2, 3).node(3, 0).bytes().longs(10, 20, 30);
        }
    }

    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    static List<Union> unions() {
        List<Union> unions = new ArrayList<>();
        for (boolean isDense : new boolean[] {false, true}) {
            unions.add(new Union(isDense, 0, 1));
            unions.add(new Union(isDense, 5, 7));
            unions.add(new Union(isDense, 7, 5));
        }
        return unions;
    }

    private static IpcField parent(IpcTypeId type, IpcField child) {
        return new IpcField("p", true, IpcType.of(type), null, List.of(child));
    }

    private static IpcField encoded(IpcField values) {
        return new IpcField(
                "d", true, values.type(), new IpcDictionaryEncoding(0, IpcType.INT32, false), values.children());
    }

    /** Reads a column beside one that is encoded, and compares it with what is decoded. */
    private void assertBesideEncoded(IpcField column, BatchMaker batch, String expected) {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(column, encoded(LONG)));
            reader.read(new BatchMaker().node(2, 0).bytes().longs(7, 8).dictionary(0, false, 2));
            try (VectorBatch read =
                    reader.read(batch.node(3, 0).bytes().ints(1, 0, 1).recordBatch(3))) {
                List<String> before = Values.columns(read.root(), read.dictionaries()); // adds children to some unions
                try (VectorSchemaRoot decoded = read.newDecodedRoot()) {
                    List<String> columns = Values.columns(decoded, read.dictionaries());

                    assertThat(columns.get(0)).contains(expected).isEqualTo(before.get(0));
                    assertThat(columns.get(1)).isEqualTo("d [8, 7, 8]");
                    assertThat(decoded.getSchema().getFields().get(0))
                            .isEqualTo(reader.schema().getFields().get(0));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("unions")
    void keepsColumnsOfUnions(Union union) {
        assertBesideEncoded(union.field(), union.addTo(new BatchMaker()), "u [1, 20, 3]");
    }

    @ParameterizedTest
    @MethodSource("unions")
    void keepsUnionsInStructs(Union union) {
        IpcField struct = parent(IpcTypeId.STRUCT, parent(IpcTypeId.STRUCT, union.field()));
        BatchMaker batch = new BatchMaker().node(3, 0).bytes().node(3, 0).bytes();
        assertBesideEncoded(struct, union.addTo(batch), "p [{\"p\":{\"u\":1}}, {\"p\":{\"u\":20}}, {\"p\":{\"u\":3}}]");
    }

    @ParameterizedTest
    @MethodSource("unions")
    void keepsUnionsInLists(Union union) {
        BatchMaker batch = new BatchMaker().node(3, 0).bytes().ints(0, 1, 1, 3);
        assertBesideEncoded(parent(IpcTypeId.LIST, union.field()), union.addTo(batch), "p [[1], [], [20,3]]");
    }

    @ParameterizedTest
    @MethodSource("unions")
    void keepsUnionsInUnions(Union union) {
        IpcType type = IpcType.of(IpcTypeId.UNION, union.isDense() ? 1 : 0, 9, 4);
        IpcField outer = new IpcField("p", true, type, null, List.of(parent(IpcTypeId.STRUCT, union.field()), LONG));
        BatchMaker batch = new BatchMaker().node(3, 0).bytes(9, 9, 9);
        if (union.isDense()) {
            batch.ints(0, 1, 2);
        }
        union.addTo(batch.node(3, 0).bytes());
        batch.node(3, 0).bytes().longs(4, 5, 6);
        assertBesideEncoded(
                outer,
                batch,
                "[{\"u\":1}, {\"u\":20}, {\"u\":3}]"); // sparse ones do not show a struct, their child does
    }

    /** What list views refer to is shared, so there may be unions. */
    @ParameterizedTest
    @MethodSource("unions")
    void decodesListViewsOfUnions(Union union) {
        try (BatchReader reader = new BatchReader(allocator)) {
            IpcField column = encoded(parent(IpcTypeId.LIST_VIEW, union.field()));
            reader.read(BatchReaderTest.schema(column));
            BatchMaker values = new BatchMaker().node(2, 0).bytes().ints(0, 1).ints(1, 2);
            reader.read(union.addTo(values).dictionary(0, false, 2));
            try (VectorBatch read = reader.read(
                    new BatchMaker().node(3, 0).bytes().ints(1, 0, 1).recordBatch(3))) {
                try (VectorSchemaRoot decoded = read.newDecodedRoot()) {
                    assertThat(Values.columns(decoded, read.dictionaries()).get(0))
                            .startsWith("d [[20,3], [1], [20,3]]");
                    assertThat(decoded.getSchema()
                                    .getFields()
                                    .get(0)
                                    .getChildren()
                                    .get(0)
                                    .getType()
                                    .toString())
                            .endsWith("[" + union.first() + ", " + union.second() + "])");
                }
            }
        }
    }
}
