package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.LeakDetection;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.hash.ArrowBufHasher;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Dictionaries of unions, whose vectors do not tell what they were made of. */
@ExtendWith(LeakDetection.class)
class UnionDictionariesTest {
    private static final Field INT = SampleVectors.nullable("i", EncodedTexts.INT32);
    private static final Field FLOAT =
            SampleVectors.nullable("f", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));

    private final EncodedTexts texts = new EncodedTexts();

    @AfterEach
    void close() {
        texts.close();
    }

    /** Ids that are not the indices of the children, nor in their order. */
    private static Field union(UnionMode mode) {
        return SampleVectors.nullable("u", new ArrowType.Union(mode, new int[] {7, 5}), INT, FLOAT);
    }

    @ParameterizedTest
    @EnumSource
    void areNotWritten(UnionMode mode) {
        assertRefused(union(mode), "c");
    }

    @ParameterizedTest
    @EnumSource
    void areNotWrittenWhereUnionsAreInside(UnionMode mode) {
        Field struct = SampleVectors.nullable("s", new ArrowType.Struct(), INT, union(mode));
        assertRefused(struct, "c.u");
        assertRefused(SampleVectors.nullable("l", new ArrowType.List(), struct), "c.$data$.u");
    }

    @Test
    void areNotWrittenWhereUnionsAreOfAnExtensionType() {
        try (UnionVector storage = (UnionVector) union(UnionMode.Sparse).createVector(texts.allocator)) {
            assertRefused(new TaggedVector("t", texts.allocator, storage), "c");
        }
    }

    /** The one inside is named. */
    @Test
    void areNotWrittenInsideOfOthers() {
        DictionaryEncoding outer = new DictionaryEncoding(8, false, EncodedTexts.INT32);
        Field lists = SampleVectors.nullable("l", new ArrowType.List(), encoded("item", EncodedTexts.ENCODING));
        try (FieldVector values = union(UnionMode.Dense).createVector(texts.allocator);
                FieldVector outside = lists.createVector(texts.allocator)) {
            assertRefused(
                    List.of(encoded("c", outer)),
                    new DictionaryProvider.MapDictionaryProvider(
                            new Dictionary(values, EncodedTexts.ENCODING), new Dictionary(outside, outer)),
                    "$data$");
        }
    }

    /** Columns of unions are of the schema's fields. */
    @ParameterizedTest
    @EnumSource
    void mayStandBesideColumnsOfUnions(UnionMode mode) {
        List<Field> fields = new ArrayList<>(List.of(union(mode), encoded("c", EncodedTexts.ENCODING)));
        DictionaryProvider provider =
                new DictionaryProvider.MapDictionaryProvider(new Dictionary(texts.values, EncodedTexts.ENCODING));

        assertThat(StreamSchema.of(new Schema(fields), provider).dictionaryIds())
                .containsExactly(7L);
    }

    private static Field encoded(String name, DictionaryEncoding encoding) {
        return new Field(name, new FieldType(true, EncodedTexts.INT32, encoding), null);
    }

    private void assertRefused(Field values, String name) {
        try (FieldVector vector = values.createVector(texts.allocator)) {
            assertRefused(vector, name);
        }
    }

    private void assertRefused(FieldVector values, String name) {
        assertRefused(
                List.of(encoded("c", EncodedTexts.ENCODING)),
                new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, EncodedTexts.ENCODING)),
                name);
    }

    private void assertRefused(List<Field> columns, DictionaryProvider provider, String name) {
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(columns), texts.allocator)) {
            BatchWriterConfig config = BatchWriterConfig.DEFAULTS;
            String message = "union in dictionary 7: " + name
                    + " (expected: none: its vector does not tell what it was made of)";
            assertThatThrownBy(() -> new BatchWriter(root.getSchema(), provider, config, EncodedTexts.MEMORY))
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                    .hasMessage(message);
            assertThatThrownBy(() -> StreamImage.of(root.getSchema(), provider, List.of(root), config))
                    .isInstanceOf(IpcException.class)
                    .hasMessage(message);
        }
    }

    /** A union that means something. */
    private static final class TaggedType extends ArrowType.ExtensionType {
        @Override
        public ArrowType storageType() {
            return new ArrowType.Union(UnionMode.Sparse, new int[] {7, 5});
        }

        @Override
        public String extensionName() {
            return "test.tagged";
        }

        @Override
        public boolean extensionEquals(ExtensionType other) {
            return other instanceof TaggedType;
        }

        @Override
        public String serialize() {
            return "";
        }

        @Override
        public ArrowType deserialize(ArrowType storageType, String serialized) {
            return new TaggedType();
        }

        @Override
        public FieldVector getNewVector(String name, FieldType fieldType, BufferAllocator allocator) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class TaggedVector extends ExtensionTypeVector<UnionVector> {
        private TaggedVector(String name, BufferAllocator allocator, UnionVector storage) {
            super(name, allocator, storage);
        }

        @Override
        public Field getField() {
            return SampleVectors.nullable(getName(), new TaggedType(), INT, FLOAT);
        }

        @Override
        public Object getObject(int index) {
            return getUnderlyingVector().getObject(index);
        }

        @Override
        public int hashCode(int index) {
            return getUnderlyingVector().hashCode(index);
        }

        @Override
        public int hashCode(int index, ArrowBufHasher hasher) {
            return getUnderlyingVector().hashCode(index, hasher);
        }
    }
}
