package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stock arrow-java can do with a server. */
class ArrowJavaIT {
    @RegisterExtension
    static final RunningServer SERVER = new RunningServer();

    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void closeAllocator() {
        allocator.close(); // throws where a buffer is left
    }

    @Test
    void keepsValuesAndMetadata() throws IOException {
        publish("java.plain", CodecType.NO_COMPRESSION, Map.of("origin", "arrow-java"), 1, 2, 3);

        try (ArrowJavaConnection connection = connect();
                ArrowStreamReader reader = connection.replay("java.plain")) {
            assertThat(reader.getVectorSchemaRoot().getSchema().getCustomMetadata())
                    .containsEntry("origin", "arrow-java")
                    .containsEntry("bowstring.topic", "java.plain")
                    .containsEntry("bowstring.offset", "0")
                    .containsOnlyKeys("origin", "bowstring.topic", "bowstring.log", "bowstring.offset");
            assertThat(columns(reader)).containsExactly("[1, 2, 3]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsWhatIsCompressed(CodecType codec) throws IOException {
        int[] values = new int[100_000];
        values[99_999] = 7;
        publish("java." + codec, codec, Map.of(), values);

        try (ArrowJavaConnection connection = connect();
                ArrowStreamReader reader = connection.replay("java." + codec)) {
            assertThat(reader.loadNextBatch()).isTrue();
            IntVector received = (IntVector) reader.getVectorSchemaRoot().getVector("n");
            assertThat(received.getValueCount()).isEqualTo(100_000);
            assertThat(received.get(99_999)).isEqualTo(7);
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    @Test
    void keepsDictionariesThatAreReplaced() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(4_711, false, new ArrowType.Int(32, true));
        try (VarCharVector words = new VarCharVector("words", allocator);
                IntVector indices =
                        new IntVector("word", new FieldType(true, new ArrowType.Int(32, true), encoding), allocator);
                ArrowJavaConnection connection = connect()) {
            set(indices, 1, 0);
            set(words, "w0", "w1");
            ArrowStreamWriter writer = connection.publish(
                    "java.words",
                    VectorSchemaRoot.of(indices),
                    new MapDictionaryProvider(new Dictionary(words, encoding)),
                    CodecType.NO_COMPRESSION);
            writer.writeBatch();
            set(words, "other 0", "other 1");
            writer.writeBatch();
            connection.finish(writer, 2);
        }

        try (ArrowJavaConnection connection = connect();
                ArrowStreamReader reader = connection.replay("java.words")) {
            assertThat(columns(reader)).containsExactly("[w1, w0]", "[other 1, other 0]");
        }
    }

    @Test
    void sendsManyRequestsOverOneConnection() throws IOException {
        try (ArrowJavaConnection connection = connect();
                IntVector numbers = new IntVector("n", allocator)) {
            for (int i = 0; i < 3; i++) {
                set(numbers, i);
                ArrowStreamWriter writer = connection.publish(
                        "java.many",
                        VectorSchemaRoot.of(numbers),
                        new MapDictionaryProvider(),
                        CodecType.NO_COMPRESSION);
                writer.writeBatch();
                connection.finish(writer, 1);

                ArrowStreamReader reader = connection.replay("java.many");
                assertThat(columns(reader)).hasSize(i + 1).last().isEqualTo("[" + i + "]");
                reader.close(false);
                assertThat(nextOffset(connection)).isEqualTo(i + 1);
            }
        }
    }

    private static long nextOffset(ArrowJavaConnection connection) throws IOException {
        ArrowStreamReader reader = connection.request(Map.of("bowstring.list", "java.many"));
        assertThat(reader.loadNextBatch()).isTrue();
        long nextOffset = ((BigIntVector) reader.getVectorSchemaRoot().getVector("next_offset")).get(0);
        assertThat(reader.loadNextBatch()).isFalse();
        reader.close(false);
        return nextOffset;
    }

    @Test
    void getsEachBatchWhenItComes() throws IOException {
        try (ArrowJavaConnection subscriber = connect();
                ArrowStreamReader reader =
                        subscriber.request(Map.of("bowstring.subscribe", "java.live", "bowstring.from", "earliest"))) {
            for (int i = 0; i < 3; i++) {
                publish("java.live", CodecType.NO_COMPRESSION, Map.of(), i);
                assertThat(reader.loadNextBatch()).isTrue(); // the reader waits for the schema only now
                assertThat(((IntVector) reader.getVectorSchemaRoot().getVector("n")).get(0))
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void readsTheColumnsThatItNames() throws IOException {
        try (ArrowJavaConnection connection = connect();
                IntVector a = new IntVector("a", allocator);
                IntVector b = new IntVector("b", allocator);
                VarCharVector c = new VarCharVector("c", allocator)) {
            set(a, 1, 2);
            set(b, 3, 4);
            set(c, "five", "six");
            ArrowStreamWriter writer = connection.publish(
                    "java.columns",
                    VectorSchemaRoot.of(a, b, c),
                    new MapDictionaryProvider(),
                    CodecType.NO_COMPRESSION);
            writer.writeBatch();
            connection.finish(writer, 1);

            Map<String, String> request = Map.of(
                    "bowstring.subscribe",
                    "java.columns",
                    "bowstring.from",
                    "earliest",
                    "bowstring.until",
                    "end",
                    "bowstring.columns",
                    "c,a");
            try (ArrowStreamReader reader = connection.request(request)) {
                assertThat(reader.loadNextBatch()).isTrue();
                assertThat(reader.getVectorSchemaRoot().getFieldVectors())
                        .extracting(FieldVector::getName, Object::toString)
                        .containsExactly(tuple("c", "[five, six]"), tuple("a", "[1, 2]"));
                assertThat(reader.loadNextBatch()).isFalse();
            }
        }
    }

    @Test
    void readsRefusals() throws IOException {
        try (ArrowJavaConnection connection = connect();
                ArrowStreamReader reader = connection.request(Map.of("bowstring.subscribe", "x y"))) {
            assertThat(reader.getVectorSchemaRoot().getSchema().getCustomMetadata())
                    .containsEntry("bowstring.error", "BAD_TOPIC_NAME")
                    .containsKey("bowstring.message");
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    private ArrowJavaConnection connect() throws IOException {
        return new ArrowJavaConnection(SERVER.port(), allocator);
    }

    /** Publishes one batch with a column {@code n}. */
    private void publish(String topic, CodecType codec, Map<String, String> metadata, int... values)
            throws IOException {
        try (ArrowJavaConnection connection = connect();
                IntVector numbers = new IntVector("n", allocator)) {
            set(numbers, values);
            Schema schema = new Schema(List.of(numbers.getField()), metadata);
            VectorSchemaRoot table = new VectorSchemaRoot(schema, List.<FieldVector>of(numbers), values.length);
            ArrowStreamWriter writer = connection.publish(topic, table, new MapDictionaryProvider(), codec);
            writer.writeBatch();
            connection.finish(writer, 1);
        }
    }

    private static void set(IntVector vector, int... values) {
        vector.reset();
        for (int i = 0; i < values.length; i++) {
            vector.setSafe(i, values[i]);
        }
        vector.setValueCount(values.length);
    }

    private static void set(VarCharVector vector, String... values) {
        vector.reset();
        for (int i = 0; i < values.length; i++) {
            vector.setSafe(i, values[i].getBytes(StandardCharsets.UTF_8));
        }
        vector.setValueCount(values.length);
    }

    /** Returns the first column of each batch as text, decoded where it is dictionary-encoded. */
    private static List<String> columns(ArrowStreamReader reader) throws IOException {
        List<String> columns = new ArrayList<>();
        while (reader.loadNextBatch()) {
            FieldVector column = reader.getVectorSchemaRoot().getVector(0);
            DictionaryEncoding encoding = column.getField().getDictionary();
            if (encoding == null) {
                columns.add(column.toString());
            } else {
                try (ValueVector decoded = DictionaryEncoder.decode(column, reader.lookup(encoding.getId()))) {
                    columns.add(decoded.toString());
                }
            }
        }
        return columns;
    }
}
