package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UuidVector;
import org.apache.arrow.vector.extension.UuidType;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.ExtensionTypeRegistry;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class ArrowSchemaTest {
    private static final Map<String, String> UUID =
            Map.of("ARROW:extension:name", "arrow.uuid", "ARROW:extension:metadata", "");

    @Test
    void hasIndicesInPlaceOfEncodedValues() {
        ArrowType.Int indexType = new ArrowType.Int(16, false);
        DictionaryEncoding encoding = new DictionaryEncoding(5, true, indexType);
        Field item = new Field("item", FieldType.nullable(new ArrowType.Int(64, true)), List.of());
        Map<String, String> metadata = Map.of("k", "v");
        Field encoded =
                new Field("d", new FieldType(false, ArrowType.List.INSTANCE, encoding, metadata), List.of(item));

        ArrowSchema schema = convert(new Schema(List.of(encoded), Map.of("m", "w")));

        assertThat(schema.schema().getFields())
                .containsExactly(new Field("d", new FieldType(false, indexType, encoding, metadata), List.of()));
        assertThat(schema.schema().getCustomMetadata()).containsExactly(Map.entry("m", "w"));
        ArrowSchema.Values values = schema.dictionaries().get(5L);
        assertThat(values.encoding()).isEqualTo(encoding);
        assertThat(values.field().getType()).isEqualTo(ArrowType.List.INSTANCE);
        assertThat(values.field().getChildren()).containsExactly(item);
    }

    @Test
    void hasTheExtensionTypesThatAreRegistered() {
        ExtensionTypeRegistry.register(UuidType.INSTANCE);
        Schema schema = schema("u", new ArrowType.FixedSizeBinary(16), UUID);
        try (BufferAllocator allocator = new RootAllocator();
                BatchReader reader = new BatchReader(allocator)) {
            reader.read(message(schema));
            try (VectorBatch batch =
                    reader.read(new BatchMaker().node(1, 0).bytes().longs(1, 2).recordBatch(1))) {
                assertThat(batch.root().getVector(0)).isInstanceOf(UuidVector.class);
                assertThat(batch.root().getVector(0).getObject(0))
                        .isEqualTo(new java.util.UUID(1L << 56, 2L << 56)); // big-endian
            }
        }
    }

    @Test
    void hasTheStorageOfOtherExtensionTypes() {
        Map<String, String> unknown = Map.of("ARROW:extension:name", "nobody.knows");
        Schema schema = schema("n", new ArrowType.Int(64, true), unknown);

        assertThat(convert(schema).schema()).isEqualTo(schema);
    }

    @Test
    void refusesExtensionTypesWhoseStorageIsWrong() {
        ExtensionTypeRegistry.register(UuidType.INSTANCE);
        Schema schema = schema("u", new ArrowType.Int(64, true), UUID);

        assertThatThrownBy(() -> convert(schema))
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                .hasMessageStartingWith("field: u: int64 (expected: what arrow-java has: ");
    }

    @Test
    void refusesExtensionTypesThatDoNotLookAtTheirStorage() {
        ExtensionTypeRegistry.register(new Careless());
        Map<String, String> careless = Map.of("ARROW:extension:name", "careless");

        assertThat(convert(schema("c", new ArrowType.Int(32, true), careless))
                        .schema()
                        .getFields()
                        .get(0)
                        .getType())
                .isInstanceOf(Careless.class);
        assertThatThrownBy(() -> convert(schema("c", new ArrowType.Int(64, true), careless)))
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                .hasMessage(
                        "field: c: int64 (expected: what arrow-java has: Int(32, true) for extension type careless)");
    }

    /** Of 32 bits, whatever it is made of. Immutable. */
    private static final class Careless extends ArrowType.ExtensionType {
        @Override
        public ArrowType storageType() {
            return new ArrowType.Int(32, true);
        }

        @Override
        public String extensionName() {
            return "careless";
        }

        @Override
        public boolean extensionEquals(ArrowType.ExtensionType other) {
            return other instanceof Careless;
        }

        @Override
        public String serialize() {
            return "";
        }

        @Override
        public ArrowType deserialize(ArrowType storage, String text) {
            return this;
        }

        @Override
        public FieldVector getNewVector(String name, FieldType fieldType, BufferAllocator allocator) {
            return new IntVector(name, allocator);
        }
    }

    @Test
    void repeatsNoMoreThan64CharactersOfAName() {
        IpcField field = IpcField.of("x".repeat(100), true, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));
        IpcSchema message = BatchReaderTest.schema(field);

        assertThatThrownBy(() -> new ArrowSchema(message))
                .hasMessage(
                        "field: " + "x".repeat(64) + "… (expected: what arrow-java has: values of at least a byte)");
        message.release();
    }

    private static Schema schema(String name, ArrowType type, Map<String, String> metadata) {
        return new Schema(List.of(new Field(name, new FieldType(true, type, null, metadata), List.of())));
    }

    private static ArrowSchema convert(Schema schema) {
        IpcSchema message = message(schema);
        try {
            return new ArrowSchema(message);
        } finally {
            message.release();
        }
    }

    /** Returns the message of a schema in which encoded fields have the type of their values; owned. */
    private static IpcSchema message(Schema schema) {
        return IpcSchema.ofMetadata(
                Unpooled.wrappedBuffer(schema.serializeAsMessage()).skipBytes(8), UnpooledByteBufAllocator.DEFAULT);
    }
}
