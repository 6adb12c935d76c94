package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeltaTypesTest {
    private static final ArrowType INT = new ArrowType.Int(32, true);
    private static final ArrowType UNION = new ArrowType.Union(UnionMode.Dense, new int[] {0});

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(64 << 10);

    @AfterEach
    void close() {
        allocator.close();
    }

    private static Field field(ArrowType type, Field... children) {
        return new Field("f", FieldType.nullable(type), List.of(children));
    }

    private boolean has(Field field) {
        try (FieldVector vector = field.createVector(allocator)) {
            return DeltaTypes.has(vector);
        }
    }

    @Test
    void areThoseThatArrowJavaAppendsToRightly() {
        Field item = field(INT);
        assertThat(Stream.of(
                        item,
                        field(new ArrowType.Bool()),
                        field(new ArrowType.Utf8()),
                        field(new ArrowType.LargeUtf8()),
                        field(new ArrowType.Utf8View()),
                        field(new ArrowType.List(), item),
                        field(new ArrowType.FixedSizeList(2), item),
                        field(new ArrowType.Struct(), item, field(new ArrowType.List(), item))))
                .allMatch(this::has);
    }

    @Test
    void areNoneThatItWritesOrLosesValuesOf() {
        Field item = field(INT);
        assertThat(Stream.of(
                        field(new ArrowType.RunEndEncoded(), new Field("e", FieldType.notNullable(INT), null), item),
                        field(UNION, item),
                        field(new ArrowType.LargeList(), item),
                        field(new ArrowType.ListView(), item),
                        field(new ArrowType.Struct(), item, field(new ArrowType.LargeList(), item))))
                .noneMatch(this::has);
    }

    @Test
    void haveNoMoreValuesTogetherThanAnIntSays() {
        NullVector many = new NullVector("n", Integer.MAX_VALUE);

        assertThatCode(() -> DeltaTypes.requireRoom(many, new NullVector("n", 0)))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> DeltaTypes.requireRoom(many, new NullVector("n", 1)));
    }
}
