package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code publish} makes of its files and of standard input, one topic per test. */
@Timeout(120)
class PublishedInputTest {
    @RegisterExtension
    static final CommandServer server = new CommandServer();

    @TempDir
    private Path folder;

    private static Command run(byte[] in, String line) {
        return server.run(in, line.split(" "));
    }

    private static Command run(String line) {
        return server.run(line);
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    @Test
    void publishesTextByTheNameOfItsFile() throws IOException {
        Path csv = file("trades.csv", "n,s\n1,x\n2,\n".getBytes(StandardCharsets.UTF_8));
        Path json = file("trades.JSONL", "{\"s\":\"y\",\"n\":3}".getBytes(StandardCharsets.UTF_8));

        assertThat(run("publish text " + csv + " --batch-rows 1 --ack").err())
                .startsWith("published to text: 2 batches, 2 rows, ")
                .contains("acknowledged up to offset 1");
        assertThat(run("publish text " + json + " --ack").err()).contains("SCHEMA_MISMATCH: field 1: s (expected: n)");
        assertThat(run(Files.readAllBytes(csv), "publish text --input-format csv --ack --type n=int64 --type s=utf8")
                        .err())
                .contains("acknowledged up to offset 2");
        assertThat(run("publish text " + csv + " --type n=float64 --ack").err())
                .contains("SCHEMA_MISMATCH: field n: float64 (expected: int64)");
        assertThat(run(Files.readAllBytes(json), "publish text-json - --input-format json --ack")
                        .err())
                .startsWith("published");

        assertThat(run("subscribe text --from earliest --until end --format json")
                        .text())
                .isEqualTo("{\"n\":1,\"s\":\"x\"}\n{\"n\":2,\"s\":null}\n".repeat(2));
        assertThat(run("subscribe text-json --from earliest --until end --format json")
                        .text())
                .isEqualTo("{\"s\":\"y\",\"n\":3}\n");
    }

    @Test
    void publishesWhatIsInFrontOfAnError() {
        byte[] csv = "n\n1\n2\n3\n4\nx\n".getBytes(StandardCharsets.UTF_8);

        Command publish = run(csv, "publish broken - --input-format csv --batch-rows 2");
        Command sealing = run(csv, "publish broken-seal - --input-format csv --batch-rows 2 --seal");

        assertThat(publish.exitCode()).isEqualTo(1);
        assertThat(publish.err())
                .isEqualToNormalizingNewlines("bowstring: standard input: line 6, column n: x"
                        + " (expected: int64, as in the first batch); published before it: 2 batches, 4 rows\n");
        assertThat(run("subscribe broken --from earliest --until end --format json")
                        .text())
                .isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n");
        assertThat(sealing.exitCode()).isEqualTo(1);
        assertThat(sealing.err()).endsWith("; published, and not sealed, before it: 2 batches, 4 rows\n");
        assertThat(run(csv, "publish broken-seal - --input-format tsv --batch-rows 2")
                        .err())
                .doesNotContain("TOPIC_SEALED");
    }

    @Test
    void publishesNothingOfTextThatIsWrongAtOnce() throws IOException {
        Command missing = run("publish nothing " + folder.resolve("no.csv"));
        Command inFile = run("publish nothing " + file("file", new byte[0]).resolve("no.csv"));
        Command empty = run("publish nothing - --input-format json");
        Command arrow = run("number\n1\n".getBytes(StandardCharsets.UTF_8), "publish nothing -");

        assertThat(missing.err())
                .isEqualToNormalizingNewlines("bowstring: " + folder.resolve("no.csv") + ": no such file\n");
        assertThat(empty.err())
                .startsWith("bowstring: standard input: has no rows ")
                .hasLineCount(1);
        assertThat(arrow.err()).contains("is no Arrow stream or file");
        assertThat(run("topics --format json").text()).doesNotContain("nothing");
    }

    @Test
    void repeatsFilesAtRate() throws IOException {
        Path one = file("one", Streams.of(Streams.schema("n"), Streams.batch(1)));
        Path two = file("two", Streams.of(Streams.schema("n"), Streams.batch(2)));

        Command publish = run("publish repeat " + one + " " + two + " --repeat 2 --rate 1000/s --ack");

        assertThat(publish.exitCode()).isZero();
        assertThat(run("subscribe repeat --from earliest --until end --format json")
                        .text())
                .isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":1}\n{\"n\":2}\n");
    }

    @Test
    void publishesNothingWhenFilesDoNotFitTogether() throws IOException {
        Path one = file("one", Streams.of(Streams.schema("n"), Streams.batch(1)));
        Path two = file("two", Streams.of(Streams.schema("m"), Streams.batch(2)));

        Command publish = run("publish unfit " + one + " " + two);

        assertThat(publish.exitCode()).isEqualTo(1);
        assertThat(publish.err())
                .isEqualToNormalizingNewlines(
                        "bowstring: " + two + ": field 1: m (expected: n), as in the first file\n");
        assertThat(run("topics --format json").text()).doesNotContain("unfit");
    }

    @Test
    void failsOnTornInput() {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1));

        Command publish = run(Arrays.copyOf(stream, stream.length - Streams.END_BYTES - 1), "publish torn");

        assertThat(publish.exitCode()).isEqualTo(1);
        assertThat(publish.err()).isEqualToNormalizingNewlines("bowstring: standard input: ends inside a message\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host\n", "a", "symbol,price\nABC,101.5\n", "{\"n\": 1}\n{\"n\": 2}\n"})
    void saysHowTextIsPublished(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Path file = file("notes.txt", bytes);

        assertNoArrow(file.toString(), run("publish text " + file));
        assertNoArrow("standard input", run(bytes, "publish text"));
    }

    private static void assertNoArrow(String name, Command publish) {
        assertThat(publish.exitCode()).isEqualTo(1);
        assertThat(publish.err())
                .isEqualToNormalizingNewlines("bowstring: " + name
                        + ": is no Arrow stream or file (expected: one, or --input-format csv, tsv or json)\n");
    }

    @Test
    void warnsOfInputWithoutEnd() throws IOException {
        Path file = file("cut", withoutEnd());

        Command publish = run("publish cut " + file + " --repeat 2 --ack");

        assertThat(publish.exitCode()).isZero();
        assertThat(publish.err().lines())
                .hasSize(2)
                .contains("bowstring: warning: " + file
                        + ": ends without an end-of-stream marker, so that it may have been cut off");
    }

    @Test
    void doesNotSealTopicWithInputWithoutEnd() {
        run(Streams.of(Streams.schema("n")), "publish unsealed --ack");

        Command publish = run(withoutEnd(), "publish unsealed --seal --ack");

        assertThat(publish.exitCode()).isEqualTo(1);
        assertThat(publish.err())
                .startsWith("bowstring: standard input: ends without an end-of-stream marker")
                .contains("--seal")
                .hasLineCount(1);
        assertThat(run(Streams.of(Streams.schema("n")), "publish unsealed --ack")
                        .err())
                .startsWith("published");
    }

    private static byte[] withoutEnd() {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1));
        return Arrays.copyOf(stream, stream.length - Streams.END_BYTES);
    }
}
