package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.bowstring.text.RowPrinter;
import io.bowstring.text.ShownColumns;
import io.bowstring.vector.VectorBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of other libraries than pyarrow; the README beside them says how each was made. */
@ExtendWith(LeakDetection.class)
class ForeignFilesTest {
    private static final String FIRST_BATCH = """
            {"n":1,"s":"a","d":"x","p":{"l":[1,null]}}
            {"n":2,"s":null,"d":"y","p":{"l":[]}}
            {"n":3,"s":"ü","d":null,"p":null}
            """;
    private static final String SECOND_BATCH = """
            {"n":4,"s":null,"d":"y","p":{"l":null}}
            {"n":5,"s":"e","d":"x","p":{"l":[-7]}}
            """;

    private static Path file(String name) throws URISyntaxException {
        URL file = ForeignFilesTest.class.getResource("files/" + name);
        assertThat(file).as(name).isNotNull();
        return Path.of(file.toURI());
    }

    /** Returns the rows of each record batch as JSON lines. */
    private static List<String> read(Path file) throws IOException {
        List<String> batches = new ArrayList<>();
        try (BufferAllocator allocator = new RootAllocator();
                MessageInput source = MessageInput.open(file);
                ShownBatches shown = new ShownBatches(source.schema().retain(), allocator)) {
            assertThat(shown.warnings()).isEmpty();
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                try (VectorBatch batch = shown.read(message)) {
                    if (batch != null) {
                        batches.add(lines(batch, shown.columns()));
                    }
                }
            }
            assertThat(source.isComplete()).isTrue();
        }
        return batches;
    }

    private static String lines(VectorBatch batch, ShownColumns columns) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        RowPrinter.json(lines, columns)
                .print(batch.root(), batch.dictionaries(), batch.root().getRowCount());
        return lines.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arrow-go.arrow",
                "arrow-go-lz4.arrow",
                "arrow-java.arrow",
                "arrow-rs.arrow",
                "arrow-rs-lz4.arrow"
            })
    void readsNullsDictionariesAndNestedValuesOfTwoBatches(String name) throws Exception {
        assertThat(read(file(name))).containsExactly(FIRST_BATCH, SECOND_BATCH);
    }

    @Test
    void readsMessagesWithoutContinuationMarkers() throws Exception {
        Path file = file("arrow-rs-old-framing.arrow");

        assertThat(read(file)).containsExactly(FIRST_BATCH, SECOND_BATCH);
        try (MessageInput source = MessageInput.open(file)) {
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                assertThat(message.frame().readIntLE()).isEqualTo(-1); // no server takes it without
                message.release();
            }
        }
    }

    @Test
    void readsDictionaryThatGrowsByDelta() throws Exception {
        String newWord = SECOND_BATCH.replace("\"d\":\"x\"", "\"d\":\"z\"");

        assertThat(read(file("arrow-rs-delta.arrow"))).containsExactly(FIRST_BATCH, newWord);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow-go-empty.arrow", "arrow-java-empty.arrow", "arrow-rs-empty.arrow"})
    void readsSchemaOfFileWithoutBatches(String name) throws Exception {
        Path file = file(name);

        assertThat(read(file)).isEmpty();
        try (MessageInput source = MessageInput.open(file)) {
            assertThat(source.schema().fields()).extracting(IpcField::name).containsExactly("n", "s", "d", "p");
        }
    }
}
