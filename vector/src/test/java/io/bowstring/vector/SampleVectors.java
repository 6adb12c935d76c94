package io.bowstring.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.LargeListViewVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.ListViewVector;
import org.apache.arrow.vector.complex.RunEndEncodedVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/** Fields of all types that arrow-java has, and random values for them. Confined to the test's thread. */
final class SampleVectors {
    private static final ArrowType INT32 = new ArrowType.Int(32, true);
    private static final ArrowType UTF8 = new ArrowType.Utf8();

    /** One of each type, some of them nested. */
    static final List<Field> FIELDS = List.of(
            nullable("null", new ArrowType.Null()),
            nullable("bool", new ArrowType.Bool()),
            nullable("int8", new ArrowType.Int(8, true)),
            nullable("uint16", new ArrowType.Int(16, false)),
            nullable("int32", INT32),
            nullable("uint64", new ArrowType.Int(64, false)),
            nullable("float16", new ArrowType.FloatingPoint(FloatingPointPrecision.HALF)),
            nullable("float32", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
            nullable("float64", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
            nullable("decimal128", new ArrowType.Decimal(38, 3, 128)),
            nullable("decimal256", new ArrowType.Decimal(76, -3, 256)),
            nullable("date32", new ArrowType.Date(DateUnit.DAY)),
            nullable("time32", new ArrowType.Time(TimeUnit.SECOND, 32)),
            nullable("timestamp", new ArrowType.Timestamp(TimeUnit.MILLISECOND, "UTC")),
            nullable("duration", new ArrowType.Duration(TimeUnit.NANOSECOND)),
            nullable("months", new ArrowType.Interval(IntervalUnit.YEAR_MONTH)),
            nullable("days", new ArrowType.Interval(IntervalUnit.DAY_TIME)),
            nullable("nanos", new ArrowType.Interval(IntervalUnit.MONTH_DAY_NANO)),
            nullable("fixed", new ArrowType.FixedSizeBinary(5)),
            nullable("utf8", UTF8),
            nullable("binary", new ArrowType.Binary()),
            nullable("large_utf8", new ArrowType.LargeUtf8()),
            nullable("large_binary", new ArrowType.LargeBinary()),
            nullable("utf8_view", new ArrowType.Utf8View()),
            nullable("binary_view", new ArrowType.BinaryView()),
            nullable("list", new ArrowType.List(), nullable("item", UTF8)),
            nullable("large_list", new ArrowType.LargeList(), nullable("item", INT32)),
            nullable("list_view", new ArrowType.ListView(), nullable("item", INT32)),
            nullable("large_list_view", new ArrowType.LargeListView(), nullable("item", INT32)),
            nullable("fixed_list", new ArrowType.FixedSizeList(3), nullable("item", INT32)),
            nullable("struct", new ArrowType.Struct(), nullable("a", INT32), nullable("b", UTF8)),
            nullable("map", new ArrowType.Map(false), entries()),
            nullable("sparse", union(UnionMode.Sparse), nullable("i", INT32), nullable("s", UTF8)),
            nullable("dense", union(UnionMode.Dense), nullable("i", INT32), nullable("s", UTF8)),
            notNull("runs", new ArrowType.RunEndEncoded(), notNull("run_ends", INT32), nullable("values", UTF8)),
            notNull("not_null", INT32));

    private final Random random;

    SampleVectors(long seed) {
        this.random = new Random(seed);
    }

    /** Returns one of the fields. */
    static Field field(String name) {
        return FIELDS.stream()
                .filter(field -> field.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Field nullable(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.nullable(type), List.of(children));
    }

    static Field notNull(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.notNullable(type), List.of(children));
    }

    private static ArrowType union(UnionMode mode) {
        return new ArrowType.Union(mode, new int[] {0, 1});
    }

    private static Field entries() {
        return notNull("entries", new ArrowType.Struct(), notNull("key", INT32), nullable("value", UTF8));
    }

    /** Fills all vectors of a batch, borrowed, a third of the values with nulls. */
    void fill(VectorSchemaRoot root, int rows) {
        root.clear();
        root.getFieldVectors().forEach(vector -> fill(vector, rows));
        root.setRowCount(rows);
    }

    void fill(FieldVector vector, int count) {
        vector.allocateNew();
        if (vector instanceof BitVector bits) {
            bits.allocateNew(count);
            each(vector, count, i -> bits.setSafe(i, random.nextInt(2)));
        } else if (vector instanceof BaseFixedWidthVector fixed) {
            fillFixed(fixed, count);
        } else if (vector instanceof BaseVariableWidthVector variable) {
            each(vector, count, i -> variable.setSafe(i, text()));
        } else if (vector instanceof BaseLargeVariableWidthVector variable) {
            each(vector, count, i -> variable.setSafe(i, text()));
        } else if (vector instanceof BaseVariableWidthViewVector views) {
            each(vector, count, i -> views.setSafe(i, text()));
        } else if (vector instanceof ExtensionTypeVector<?> extension) {
            fill((FieldVector) extension.getUnderlyingVector(), count);
        } else {
            fillNested(vector, count);
        }
        vector.setValueCount(count);
    }

    private void fillFixed(BaseFixedWidthVector vector, int count) {
        vector.allocateNew(count);
        int width = vector.getTypeWidth();
        each(vector, count, i -> {
            BitVectorHelper.setBit(vector.getValidityBuffer(), i);
            for (int b = 0; b < width; b++) {
                vector.getDataBuffer().setByte((long) i * width + b, random.nextInt(100));
            }
        });
    }

    private void fillNested(FieldVector vector, int count) {
        if (vector instanceof ListVector list) {
            int[] end = {0};
            each(vector, count, i -> {
                list.startNewValue(i);
                list.endValue(i, end(end));
            });
            fill(list.getDataVector(), end[0]);
        } else if (vector instanceof LargeListVector list) {
            int[] end = {0};
            each(vector, count, i -> {
                list.startNewValue(i);
                list.endValue(i, end(end));
            });
            fill(list.getDataVector(), end[0]);
        } else if (vector instanceof ListViewVector list) {
            fill(list.getDataVector(), 10);
            for (int i = 0; i < count; i++) {
                list.startNewValue(i);
                list.setOffset(i, random.nextInt(7));
                list.setSize(i, random.nextInt(4));
            }
        } else if (vector instanceof LargeListViewVector list) {
            fill(list.getDataVector(), 10);
            for (int i = 0; i < count; i++) {
                list.startNewValue(i);
                list.setOffset(i, random.nextInt(7));
                list.setSize(i, random.nextInt(4));
            }
        } else if (vector instanceof FixedSizeListVector list) {
            each(vector, count, list::setNotNull);
            fill(list.getDataVector(), list.getListSize() * count);
        } else if (vector instanceof StructVector struct) {
            each(vector, count, struct::setIndexDefined);
            struct.getChildrenFromFields().forEach(child -> fill(child, count));
        } else {
            fillUnion(vector, count);
        }
    }

    private void fillUnion(FieldVector vector, int count) {
        if (vector instanceof UnionVector union) {
            while (union.getTypeBuffer().capacity() < count) {
                union.reAlloc();
            }
            for (int i = 0; i < count; i++) {
                union.getTypeBuffer().setByte(i, random.nextInt(2));
            }
            union.getChildrenFromFields().forEach(child -> fill(child, count));
        } else if (vector instanceof DenseUnionVector union) {
            int[] next = new int[2];
            for (int i = 0; i < count; i++) {
                byte type = (byte) random.nextInt(2);
                union.setTypeId(i, type);
                union.setOffset(i, next[type]++);
            }
            for (int type = 0; type < 2; type++) {
                fill(union.getChildrenFromFields().get(type), next[type]);
            }
        } else if (vector instanceof RunEndEncodedVector runs) {
            int runCount = (count + 2) / 3;
            IntVector ends = (IntVector) runs.getRunEndsVector();
            for (int run = 0; run < runCount; run++) {
                ends.setSafe(run, Math.min(count, 3 * run + 3));
            }
            ends.setValueCount(runCount);
            fill(runs.getValuesVector(), runCount);
        }
    }

    private int end(int[] end) {
        int length = random.nextInt(4);
        end[0] += length;
        return length;
    }

    private void each(FieldVector vector, int count, IntConsumer set) {
        for (int i = 0; i < count; i++) {
            if (vector.getField().isNullable() && random.nextInt(3) == 0) {
                vector.setNull(i);
            } else {
                set.accept(i);
            }
        }
    }

    private byte[] text() {
        return "x"
                .repeat(random.nextInt(20))
                .concat(String.valueOf(random.nextInt(1000)))
                .getBytes(UTF_8);
    }
}
