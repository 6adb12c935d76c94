package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.GoldenStreams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands with the streams of the Arrow project, one topic per file. */
@Timeout(120)
class GoldenCommandsTest {
    @RegisterExtension
    static final CommandServer server = new CommandServer();

    @TempDir
    private Path folder;

    static Stream<Path> goldenFiles() {
        return GoldenStreams.littleEndianFiles().stream();
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void passesGoldenFilesThrough(Path golden) {
        GoldenStreams.read(golden);
        String topic = (golden.getParent().getFileName() + "-" + golden.getFileName());
        Path output = folder.resolve("output");

        Command publish = server.run("publish " + topic + " " + golden + " --ack --seal");
        Command subscribe = server.run("subscribe " + topic + " --from earliest --output " + output);

        assertThat(publish.err()).startsWith("published");
        assertThat(subscribe.err()).isEmpty();
        assertThat(bodies(output)).isEqualTo(bodies(golden));
    }

    private static List<ByteBuf> bodies(Path path) {
        List<ByteBuf> bodies = new ArrayList<>();
        try (MessageInput source = MessageInput.open(path)) {
            for (var message = source.next(); message != null; message = source.next()) {
                bodies.add(Unpooled.copiedBuffer(message.body()));
                message.release();
            }
        }
        return bodies;
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void showsTheColumnsOfGoldenFilesThatItCan(Path golden) {
        GoldenStreams.read(golden);
        String topic = golden.getParent().getFileName() + "-json-" + golden.getFileName();
        server.run("publish " + topic + " " + golden + " --ack --seal");

        Command json = server.run("subscribe " + topic + " --from earliest --format json");
        Command table = server.run("subscribe " + topic + " --from earliest --format table");

        Command csv = server.run("subscribe " + topic + " --from earliest --format csv");

        boolean isReadable = !golden.toString().contains("generated_duplicate_fieldnames");
        assertThat(json.err().isEmpty()).as(json.err()).isEqualTo(isReadable);
        assertThat(json.err()).isEqualTo(table.err()).isEqualTo(csv.err());
        assertThat(List.of(json.exitCode(), table.exitCode(), csv.exitCode())).containsOnly(0);
    }
}
