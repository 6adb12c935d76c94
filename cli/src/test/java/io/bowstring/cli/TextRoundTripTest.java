package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.Seeds;
import io.bowstring.text.ColumnType;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.VectorBatch;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code subscribe} writes as text, {@code publish} takes back with equal values: random ones of all types, through a
 * server in this JVM.
 */
@Timeout(300)
class TextRoundTripTest {
    private static final int ROWS = 60;

    /** Whether each type is written alone in both formats; otherwise in one, which the seed chooses. */
    private static final boolean BOTH_FORMATS = Boolean.getBoolean("bowstring.text.bothFormats");

    private static final List<String> TYPES = List.of(
            "null",
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float16",
            "float32",
            "float64",
            "decimal128(38, 10)",
            "decimal128(5, -2)",
            "decimal128(9, 9)",
            "decimal256(76, 38)",
            "utf8",
            "large_utf8",
            "utf8_view",
            "binary",
            "large_binary",
            "binary_view",
            "fixed_size_binary[3]",
            "date32",
            "date64",
            "time32[s]",
            "time32[ms]",
            "time64[us]",
            "time64[ns]",
            "timestamp[s]",
            "timestamp[ms]",
            "timestamp[us]",
            "timestamp[ns]",
            "timestamp[s, UTC]",
            "timestamp[ms, Europe/Berlin]",
            "timestamp[us, +05:30]",
            "timestamp[ns, America/New_York]",
            "duration[s]",
            "duration[ms]",
            "duration[us]",
            "duration[ns]",
            "interval[year_month]",
            "interval[day_time]",
            "interval[month_day_nano]",
            "list<float64>",
            "list<utf8>",
            "large_list<int8>",
            "fixed_size_list[2]<date32>",
            "struct<a: int64, \"b, c: \"\"d\": utf8>",
            "struct<>",
            "map<utf8, int32>",
            "map<int64, list<bool>>",
            "list<struct<x: list<uint64>, y: map<utf8, decimal128(9, 2)>>>");

    @RegisterExtension
    static final CommandServer server = new CommandServer();

    private final BufferAllocator allocator =
            new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);

    private static byte[] subscribe(String topic, String format) {
        Command command =
                server.run(new byte[0], "subscribe", topic, "--from=earliest", "--until=end", "--format=" + format);
        assertThat(command.err()).isEmpty();
        return command.out();
    }

    private static void publish(String topic, byte[] in, String... arguments) {
        String[] all = Stream.concat(Stream.of("publish", topic, "-", "--ack"), Arrays.stream(arguments))
                .toArray(String[]::new);
        Command command = server.run(in, all);
        assertThat(command.err()).startsWith("published to " + topic + ": ");
    }

    @ParameterizedTest
    @CsvSource({"json, 1", "json, 2", "json, 3", "csv, 4", "csv, 5", "csv, 6"})
    void takesBackWhatItHasWritten(String format, long seed) {
        String topic = format + seed;
        publish(topic, stream(TYPES, new Random(seed)));
        String[] arguments = arguments(format, TYPES);

        byte[] text = subscribe(topic, format);
        publish(topic + "-again", text, arguments);

        assertThat(rows(subscribe(topic + "-again", "arrow"))).isEqualTo(rows(subscribe(topic, "arrow")));
        assertThat(subscribe(topic + "-again", format)).isEqualTo(text);
    }

    /** Each type in one of the formats, which the seed chooses, or in both. */
    @Test
    void takesBackOneColumn() {
        Random random = new Random(Seeds.fresh("TextRoundTripTest"));
        for (int i = 0; i < TYPES.size(); i++) {
            boolean isJson = random.nextBoolean();
            if (isJson || BOTH_FORMATS) {
                takesBackOneColumn("json", i);
            }
            if (!isJson || BOTH_FORMATS) {
                takesBackOneColumn("csv", i);
            }
        }
    }

    private void takesBackOneColumn(String format, int i) {
        List<String> type = TYPES.subList(i, i + 1);
        String topic = "one-" + format + i;
        byte[] stream = stream(type, new Random(i));
        publish(topic, stream);

        publish(topic + "-again", subscribe(topic, format), arguments(format, type));

        assertThat(rows(subscribe(topic + "-again", "arrow")))
                .as(type.get(0) + " in " + format)
                .isEqualTo(rows(stream));
    }

    private static String[] arguments(String format, List<String> types) {
        List<String> arguments = new ArrayList<>(List.of("--input-format=" + format, "--batch-rows=25"));
        for (int i = 0; i < types.size(); i++) {
            arguments.add("--type=c" + i + "=" + types.get(i));
        }
        return arguments.toArray(String[]::new);
    }

    /** Returns a stream of random rows. */
    private byte[] stream(List<String> types, Random random) {
        List<FieldVector> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            FieldVector column = ColumnType.parse(types.get(i)).field("c" + i).createVector(allocator);
            RandomColumn.fill(column, ROWS, random);
            columns.add(column);
        }
        try (VectorSchemaRoot batch = new VectorSchemaRoot(columns);
                BatchWriter writer = new BatchWriter(
                        batch.getSchema(),
                        new MapDictionaryProvider(),
                        BatchWriterConfig.DEFAULTS,
                        ByteBufAllocator.DEFAULT)) {
            batch.setRowCount(ROWS);
            return Streams.of(writer.schema(), writer.consume(batch, Map.of()).get(0));
        }
    }

    /** Returns the values of a stream, bit by bit. */
    private List<String> rows(byte[] stream) {
        List<String> rows = new ArrayList<>();
        try (StreamSource source = new StreamSource("stream", Channels.newChannel(new ByteArrayInputStream(stream)));
                BatchReader reader = new BatchReader(allocator)) {
            IpcSchema schema = source.schema();
            reader.read(schema.retain());
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                try (VectorBatch batch = reader.read(message)) {
                    for (int row = 0; row < batch.rowCount(); row++) {
                        StringBuilder values = new StringBuilder();
                        for (FieldVector column : batch.root().getFieldVectors()) {
                            values.append(column.getName())
                                    .append('=')
                                    .append(RandomColumn.value(column, row))
                                    .append('\n');
                        }
                        rows.add(values.toString());
                    }
                }
            }
        }
        return rows;
    }

    @Test
    void takesBackWithoutTypesWhatNeedsNone() {
        String text = """
                {"u":18446744073709551615,"f":"NaN","d":0.1234567890123456789,"l":[1,null],"s":{"x":[{"y":true}],"z":"é"}}
                {"u":0,"f":-1.5,"d":12,"l":[],"s":{"x":[],"z":null}}
                {"u":null,"f":"-Infinity","d":null,"l":null,"s":null}
                """;

        publish("free", text.getBytes(StandardCharsets.UTF_8), "--input-format=json");

        byte[] written = subscribe("free", "json");
        publish("free-again", written, "--input-format=json");
        assertThat(subscribe("free-again", "json")).isEqualTo(written);
        assertThat(new String(written, StandardCharsets.UTF_8))
                .contains("\"u\":18446744073709551615,\"f\":\"NaN\",\"d\":0.1234567890123456789,\"l\":[1,null]")
                .contains("\"s\":{\"x\":[{\"y\":true}],\"z\":\"é\"}")
                .contains("\"d\":12.0000000000000000000");
    }

    @ParameterizedTest
    @CsvSource({"csv, 'a,b\n'", "json, ''"})
    void publishesAStreamWithoutBatchesWhereAllTypesAreGiven(String format, String text) {
        String topic = "empty-" + format;

        publish(
                topic,
                text.getBytes(StandardCharsets.UTF_8),
                "--input-format=" + format,
                "--type=a=int32",
                "--type=b=utf8");

        assertThat(new String(subscribe(topic, "csv"), StandardCharsets.UTF_8)).isEqualTo("a,b\n");
        Command untyped = server.run(
                text.getBytes(StandardCharsets.UTF_8),
                "publish",
                topic + "-a",
                "--input-format=" + format,
                "--type=a=int32");
        assertThat(untyped.exitCode()).isEqualTo(format.equals("csv") ? 1 : 0); // JSON has no names but those
    }
}
