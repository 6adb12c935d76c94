package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.bowstring.server.StorageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that need no server, with files that one has written. */
@Timeout(120)
class FilesCommandsTest {
    @TempDir
    private Path folder;

    private Path data;
    private Path topic;
    private Command subscribed;
    private Command subscribedAsArrow;

    @BeforeEach
    void makeFiles() throws IOException {
        data = folder.resolve("data");
        topic = data.resolve("t");
        try (Server server = start()) {
            for (int i = 0; i < 4; i++) {
                byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(2 * i, 2 * i + 1));
                assertThat(run(server, stream, "publish t --ack").exitCode()).isZero();
            }
            subscribed = run(server, new byte[0], "subscribe t --from earliest --until end --format json");
            subscribedAsArrow = run(server, new byte[0], "subscribe t --from earliest --until end --format arrow");
            Command live = cat(topic.toString(), "--format", "json");
            assertThat(live.text()).isEqualTo(subscribed.text());
            assertThat(live.exitCode()).isZero();
            assertThat(Command.run("check", data.toString()).exitCode()).isZero();
            Command refused = Command.run("repair", data.toString(), "--yes");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).contains("another server uses it").hasLineCount(1);
        }
    }

    private Server start() throws IOException {
        return Server.start(ServerConfig.DEFAULTS.withPort(0).withStorage(new StorageConfig(data, 0)));
    }

    private static Command run(Server server, byte[] in, String line) {
        String url = "--url=bowstring://127.0.0.1:" + server.address().getPort();
        return Command.run(in, (line + " " + url).split(" "));
    }

    private static Command cat(String... args) {
        return Command.run(Stream.concat(Stream.of("cat"), Arrays.stream(args)).toArray(String[]::new));
    }

    private Path segment() throws IOException {
        try (Stream<Path> files = Files.list(topic)) {
            return files.filter(file -> file.toString().endsWith(".arrows"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> lines(int from, int until) {
        return Stream.iterate(from, n -> n < until, n -> n + 1)
                .map(n -> "{\"n\":" + n + "}")
                .toList();
    }

    private Path damage() throws IOException {
        Path segment = segment();
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 1;
        return Files.write(segment, bytes);
    }

    @Test
    void catWritesWhatASubscriptionDoes() throws IOException {
        assertThat(cat(topic.toString(), "--format", "json").text()).isEqualTo(subscribed.text());
        assertThat(cat(segment().toString(), "--format", "json").text()).isEqualTo(subscribed.text());
        assertThat(cat(topic.toString()).text()).isEqualTo("n\n─\n0\n1\n2\n3\n4\n5\n6\n7\n");
        Path output = folder.resolve("out.arrows");
        assertThat(cat(topic.toString(), "--output", output.toString()).exitCode())
                .isZero();
        byte[] found = Files.readAllBytes(output);
        byte[] expected = subscribedAsArrow.out();
        int batches = expected.length / 2; // the schemas differ in what a log keeps there
        assertThat(Arrays.copyOfRange(found, found.length - batches, found.length))
                .isEqualTo(Arrays.copyOfRange(expected, expected.length - batches, expected.length));
    }

    @Test
    void catChoosesBatches() {
        assertThat(cat(topic.toString(), "--from=1", "--until=3", "--format=json")
                        .text()
                        .lines())
                .isEqualTo(lines(2, 6));
        assertThat(cat(topic.toString(), "--from=-1", "--format=json").text().lines())
                .isEqualTo(lines(6, 8));
        assertThat(cat(topic.toString(), "--from=2020-01-01T00:00:00Z", "--limit=3", "--format=json")
                        .text()
                        .lines())
                .isEqualTo(lines(0, 3));
    }

    @Test
    void catTakesAnyArrowFile() throws IOException {
        Path plain = Files.write(
                folder.resolve("plain"),
                Streams.of(Streams.schema("n"), Streams.batch(0), Streams.batch(1), Streams.batch(2)));

        assertThat(cat(plain.toString(), "--format=json").text().lines()).isEqualTo(lines(0, 3));
        assertThat(cat(plain.toString(), "--from=1", "--until=2", "--format=json")
                        .text()
                        .lines())
                .isEqualTo(lines(1, 2));
        assertThat(cat(plain.toString(), "--from=-2", "--format=json").text().lines())
                .isEqualTo(lines(1, 3));
        assertThat(cat(plain.toString(), "--from=2020-01-01T00:00:00Z").err()).contains("expected: no time");
        assertThat(cat(folder.resolve("none").toString()).err()).contains("no such file");
        assertThat(cat(data.toString()).err()).contains("no segment can be read");
    }

    @Test
    void catSaysWhatItCannotRead() throws IOException {
        Path segment = damage();

        Command cat = cat(topic.toString(), "--format=json");

        assertThat(cat.exitCode()).isEqualTo(1);
        assertThat(cat.err()).startsWith("bowstring: warning: " + segment + ", bytes ");
        assertThat(cat.text().lines().toList()).hasSizeBetween(4, 6).isSubsetOf(lines(0, 8));
    }

    @Test
    void catWritesNothingWhereItReads() throws IOException {
        Path output = topic.resolve("out.arrows");

        Command cat = cat(topic.toString(), "--output", output.toString());

        assertThat(cat.exitCode()).isEqualTo(1);
        assertThat(cat.err()).contains("expected: another file than those that are read");
        assertThat(output).doesNotExist();
        assertThat(cat(segment().toString(), "--output", segment().toString()).exitCode())
                .isEqualTo(1);
        assertThat(cat(topic.toString(), "--format=json").text()).isEqualTo(subscribed.text());
    }

    @Test
    void checkFindsDamage() throws IOException {
        Command clean = Command.run("check", data.toString());
        assertThat(clean.exitCode()).isZero();
        assertThat(clean.text()).startsWith("0 faults, 0 notes in 1 topics: 1 segments, 4 batches, ");

        Path segment = damage();

        Command check = Command.run("check", topic.toString());
        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.text()).startsWith(segment + ", byte");
        assertThat(check.text()).contains("\n1 faults, 0 notes");
        assertThat(Command.run("check", folder.resolve("none").toString()).err())
                .isEqualTo("bowstring: " + folder.resolve("none") + ": no such directory\n");
    }

    @Test
    void repairSaysWhatItDoesAndAServerStartsThen() throws IOException {
        assertThat(Command.run("repair", data.toString()).text()).isEqualTo("nothing to do\n");
        Path segment = segment();
        byte[] bytes = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(bytes, bytes.length - 30));

        Command plan = Command.run("repair", data.toString());
        assertThat(plan.exitCode()).isZero();
        assertThat(plan.text()).startsWith("would do: " + segment + ": ").endsWith("run it again with --yes\n");
        assertThat(Files.size(segment)).isEqualTo(bytes.length - 30);

        Command repair = Command.run("repair", data.toString(), "--yes");
        assertThat(repair.exitCode()).isZero();
        assertThat(repair.text()).startsWith("done: " + segment + ": ").endsWith(" changes done\n");
        assertThat(Command.run("check", data.toString()).exitCode()).isZero();
        try (Server server = start()) {
            Command all = run(server, new byte[0], "subscribe t --from earliest --until 3 --format json");
            assertThat(all.text().lines()).isEqualTo(lines(0, 6));
        }
    }

    @Test
    void repairNamesWhatItLeavesSetAsideBecauseItIsOfAnotherLog() throws IOException {
        try (Server server = start()) {
            byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(7));
            assertThat(run(server, stream, "publish u --ack").exitCode()).isZero();
        }
        Path other = topic.resolve("00000000000000000100.damaged-0");
        Files.copy(data.resolve("u").resolve(segment().getFileName()), other);

        Command repair = Command.run("repair", data.toString(), "--yes");

        assertThat(repair.exitCode()).isZero();
        assertThat(repair.text())
                .startsWith("note: " + other + ", bowstring.log: ")
                .contains(", another log: stays set aside (expected: ")
                .endsWith(")\nnothing to do\n");
    }

    @Test
    void wrongUsageIsExitCode2() {
        assertThat(cat(topic.toString(), "--from=latest").exitCode()).isEqualTo(2);
        assertThat(cat(topic.toString(), "--limit=0").exitCode()).isEqualTo(2);
        assertThat(cat().exitCode()).isEqualTo(2);
        assertThat(Command.run("check").exitCode()).isEqualTo(2);
        assertThat(Command.run("repair").exitCode()).isEqualTo(2);
    }
}
