package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches of unions that are read, passed on and read again. Reading adds children to sparse ones. */
@ExtendWith(LeakDetection.class)
class RelayedUnionsTest {
    private static final DictionaryProvider NONE = new DictionaryProvider.MapDictionaryProvider();
    private static final IpcField BYTE = IpcField.of("b", true, IpcType.of(IpcTypeId.INT, 8, 1));
    private static final IpcField LONG = IpcField.of("l", true, IpcType.INT64);
    private static final IpcField STRUCT = parent("s", IpcType.of(IpcTypeId.STRUCT), LONG);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    private static IpcField parent(String name, IpcType type, IpcField... children) {
        return new IpcField(name, true, type, null, List.of(children));
    }

    private static IpcField union(IpcField... children) {
        return parent("u", IpcType.of(IpcTypeId.UNION, 0, 7, 5), children);
    }

    /** Adds the struct of 1, 20 and the struct of 3; there is another column after it. */
    private static BatchMaker addUnion(BatchMaker batch, boolean isStructFirst) {
        batch.node(3, 0).bytes(7, 5, 7);
        if (!isStructFirst) {
            return batch.node(3, 0)
                    .bytes()
                    .bytes(1, 2, 3)
                    .node(3, 0)
                    .bytes()
                    .node(3, 0)
                    .bytes()
                    .longs(10, 20, 30);
        }
        batch.node(3, 0).bytes().node(3, 0).bytes().longs(1, 2, 3);
        return batch.node(3, 0).bytes().bytes(10, 20, 30);
    }

    private static IpcRecordBatch withLongs(BatchMaker batch) {
        return batch.node(3, 0).bytes().longs(7, 8, 9).recordBatch(3);
    }

    @Test
    void haveTheChildrenOfTheirSchema() {
        assertIsRelayed(
                union(STRUCT, BYTE),
                withLongs(addUnion(new BatchMaker(), true)),
                List.of("u [null, 20, null]", "s [{\"l\":1}, {\"l\":2}, {\"l\":3}]", "l [1, 2, 3]", "b [10, 20, 30]"));
        assertIsRelayed(
                union(BYTE, STRUCT),
                withLongs(addUnion(new BatchMaker(), false)),
                List.of("u [1, null, 3]", "b [1, 2, 3]", "s [{\"l\":10}, {\"l\":20}, {\"l\":30}]", "l [10, 20, 30]"));
    }

    @Test
    void haveTheChildrenOfTheirSchemaInsideOfOthers() {
        BatchMaker struct = new BatchMaker().node(3, 0).bytes();
        assertIsRelayed(
                parent("p", IpcType.of(IpcTypeId.STRUCT), union(STRUCT, BYTE)),
                withLongs(addUnion(struct, true)),
                List.of("p [{}, {\"u\":20}, {}]", "u [null, 20, null]"));
        BatchMaker list = new BatchMaker().node(3, 0).bytes().ints(0, 1, 1, 3);
        assertIsRelayed(
                parent("p", IpcType.of(IpcTypeId.LIST), union(BYTE, STRUCT)),
                withLongs(addUnion(list, false)),
                List.of("p [[1], [], [null,3]]", "u [1, null, 3]"));
    }

    @Test
    void mayHaveGotTheirVectorsInAnyOrder() {
        FieldType type = FieldType.nullable(new ArrowType.Union(UnionMode.Dense, null));
        try (DenseUnionVector union = new DenseUnionVector("u", allocator, type, null);
                BigIntVector longs = new BigIntVector("l", allocator);
                Float4Vector floats = new Float4Vector("f", allocator)) {
            byte first = union.registerNewTypeId(longs.getField());
            byte second = union.registerNewTypeId(floats.getField());
            longs.setSafe(0, 7);
            longs.setValueCount(1);
            floats.setSafe(0, 0.5f);
            floats.setValueCount(1);
            union.addVector(second, floats);
            union.addVector(first, longs);
            union.setTypeId(0, first);
            union.setTypeId(1, second);
            union.setOffset(0, 0);
            union.setOffset(1, 0);
            union.setValueCount(2);
            VectorSchemaRoot root = VectorSchemaRoot.of(union);
            try (BatchWriter writer = new BatchWriter(
                    root.getSchema(), NONE, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT)) {
                assertThat(reread(writer, root)).startsWith("u [7, 0.5]");
            }
        }
    }

    @Test
    void areAloneInHavingMoreChildrenThanTheirFields() {
        try (StructVector struct = StructVector.empty("s", allocator)) {
            struct.addOrGet("a", FieldType.nullable(new ArrowType.Int(64, true)), BigIntVector.class);
            VectorSchemaRoot root = VectorSchemaRoot.of(struct);
            struct.addOrGet("b", FieldType.nullable(new ArrowType.Int(64, true)), BigIntVector.class);
            try (BatchWriter writer = new BatchWriter(
                    root.getSchema(), NONE, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT)) {
                assertThatThrownBy(() -> writer.copy(root, Map.of()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("field s: 2 children (expected: 1, as in the schema of the root)");
            }
        }
    }

    /** Reads, writes what was read, and reads that, twice. */
    private void assertIsRelayed(IpcField column, IpcRecordBatch batch, List<String> expected) {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(column, LONG));
            try (VectorBatch read = reader.read(batch);
                    BatchWriter writer = new BatchWriter(
                            reader.schema(), NONE, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT)) {
                List<String> values = values(read.root());
                assertThat(values).startsWith(expected.toArray(String[]::new)).endsWith("l [7, 8, 9]");
                assertThat(read.root().getVector(0).getField())
                        .isNotEqualTo(reader.schema().getFields().get(0));
                assertThat(reread(writer, read.root())).isEqualTo(values);
            }
        }
    }

    private List<String> reread(BatchWriter writer, VectorSchemaRoot root) {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(writer.schema());
            List<String> values = new ArrayList<>();
            for (IpcMessage message : writer.copy(root, Map.of())) {
                try (VectorBatch batch = reader.read(message)) {
                    values.addAll(values(batch.root()));
                }
            }
            return values;
        }
    }

    /** Returns the values of each field of the schema: arrow-java shows no structs in sparse unions, but their children. */
    private static List<String> values(VectorSchemaRoot root) {
        List<String> values = new ArrayList<>();
        add(root.getSchema().getFields(), root.getFieldVectors(), values);
        return values;
    }

    private static void add(List<Field> fields, List<FieldVector> vectors, List<String> values) {
        for (int i = 0; i < fields.size(); i++) {
            FieldVector vector = vectors.get(i);
            List<Object> objects = new ArrayList<>();
            for (int row = 0; row < vector.getValueCount(); row++) {
                objects.add(vector.getObject(row));
            }
            values.add(fields.get(i).getName() + " " + objects);
            add(fields.get(i).getChildren(), vector.getChildrenFromFields(), values);
        }
    }
}
