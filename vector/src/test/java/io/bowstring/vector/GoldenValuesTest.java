package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.JsonFileReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read of the golden streams are the values that the Arrow project has written down beside them. */
@ExtendWith(LeakDetection.class)
class GoldenValuesTest {
    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        allocator.close();
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void readsTheValuesThatAreWrittenDown(Path file) throws IOException {
        List<IpcMessage> messages = Messages.of(GoldenStreams.read(file));
        if (file.endsWith("generated_duplicate_fieldnames.stream")) {
            assertUnsupported(messages);
            return;
        }
        try (JsonFileReader expected = new JsonFileReader(json(file).toFile(), allocator);
                BatchReader reader = new BatchReader(allocator);
                VectorSchemaRoot root = VectorSchemaRoot.create(expected.start(), allocator)) {
            for (IpcMessage message : messages) {
                VectorBatch batch = reader.read(message);
                if (batch != null) {
                    assertThat(expected.read(root)).isTrue();
                    assertSame(batch, root, expected);
                }
            }
            assertThat(expected.read(root)).isFalse();
        }
    }

    private static void assertSame(VectorBatch batch, VectorSchemaRoot root, JsonFileReader expected) {
        try (batch) {
            assertThat(batch.rowCount()).isEqualTo(root.getRowCount());
            List<String> columns = Values.columns(root, expected).stream()
                    .map(column -> column.replace("\"some_key\"", "\"key\"").replace("\"some_value\"", "\"value\""))
                    .toList(); // of which the stream knows nothing
            assertThat(Values.columns(batch.root(), batch.dictionaries())).isEqualTo(columns);
        }
    }

    private void assertUnsupported(List<IpcMessage> messages) {
        String field =
                "field: struct: struct<: int32, : utf8> (expected: what arrow-java has: children of different names)";
        try (BatchReader reader = new BatchReader(allocator)) {
            for (IpcMessage message : messages) {
                assertThatThrownBy(() -> reader.read(message))
                        .hasMessage(field)
                        .isInstanceOfSatisfying(
                                IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED));
            }
        }
    }

    /** Returns the values of a stream, in a file of their own. */
    private Path json(Path stream) throws IOException {
        String name = stream.getFileName().toString().replace(".stream", ".json");
        Path json = folder.resolve(name);
        try (InputStream in = new GZIPInputStream(Files.newInputStream(stream.resolveSibling(name + ".gz")))) {
            JsonNode values = new ObjectMapper().readTree(in);
            removeValidityOfUnions(values);
            Files.writeString(json, values.toString());
        }
        return json;
    }

    /** Unions have validity before metadata V5, none of it null; arrow-java cannot read it. */
    private static void removeValidityOfUnions(JsonNode node) {
        if (node instanceof ObjectNode column && column.has("TYPE_ID")) {
            column.remove("VALIDITY");
        }
        node.forEach(GoldenValuesTest::removeValidityOfUnions);
    }
}
