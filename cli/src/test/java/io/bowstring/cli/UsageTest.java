package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(LeakDetection.class)
class UsageTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope                                 | unknown command nope (expected: serve, publish, subscribe, topics, delete, cat, check, repair, bench)",
                "publsh t                             | unknown command publsh (did you mean publish?)",
                "topic --help                         | unknown command topic (did you mean topics?)",
                "publish                              | Missing required parameter: 'TOPIC'",
                "publish a..b                         | topic: a..b (expected: 1 to 249",
                "publish t --rate fast                | rate: fast (expected: N or N/s, more than 0, or max)",
                "publish t --producer a/b             | bowstring.producer: a/b (expected: 1 to 128",
                "publish t f --repeat 0               | --repeat: 0 (expected: at least 1)",
                "publish t f --repeat x               | option '--repeat': number: x (expected: a whole number, at most 9223372036854775807)",
                "publish t f --batch-rows 1.5         | option '--batch-rows': number: 1.5 (expected: a whole number, at most 2147483647)",
                "bench --publishers 3000000000        | number: 3000000000 (expected: a whole number, at most 2147483647)",
                "publish t --batch-rows 0             | --batch-rows: 0 (expected: at least 1)",
                "publish t --type n=int65             | type: int65 (expected: one of null, bool, int8..int64,",
                "publish t --input-format xml         | --input-format",
                "publish t - --repeat 2               | standard input is read once",
                "publish t - f                        | (expected: files, or - alone)",
                "publish t --url http://localhost     | url: http://localhost (expected: bowstring://HOST",
                "subscribe                            | Missing required parameter: 'TOPIC'",
                "subscribe t --from yesterday         | bowstring.from: yesterday (expected: latest",
                "subscribe t --from 2026-11-30T12:00  | bowstring.from: 2026-11-30T12:00 (expected: a time of a zone: add Z",
                "subscribe t --until -1               | bowstring.until: -1 (expected: end",
                "subscribe t --on-lag cry             | bowstring.on-lag: cry (expected: disconnect",
                "subscribe t --format xml             | --format",
                "subscribe t --limit 0                | --limit: 0 (expected: at least 1)",
                "topics --format arrow                | --format: arrow (expected: table or json)",
                "bench --publishers -1                | --publishers: -1 (expected: 0..10000)",
                "bench --subscribers 10001            | --subscribers: 10001 (expected: 0..10000)",
                "bench --topics 0                     | --topics: 0 (expected: 1..10000)",
                "bench --columns 0                    | --columns: 0 (expected: 1..1000)",
                "bench --body 64KiB,1KB               | (SIZE): body: 1KB (expected: 32B to 1GiB",
                "bench --rate fast                    | rate: fast (expected: N or N/s",
                "bench --duration 0s                  | option '--duration': time: 0s (expected: a number of ms, s or m",
                "bench --topic a..b                   | option '--topic': topic: a..b (expected: 1 to 249",
                "bench --format csv                   | --format: csv (expected: table or json)",
                "bench --subscribers 0                | --subscribers: 0 (expected: at least 1 without --url",
                "bench --publishers 0 --subscribers 0 | --publishers: 0 (expected: at least 1, without subscribers)",
                "bench --publishers 0 --url bowstring://h | --publishers: 0 (expected: at least 1 without --topic",
                "bench --publishers 0 --subscribers 0 --stalled 1 --url bowstring://h | (expected: at least 1 without --topic",
                "bench --await-subscribers 1          | --await-subscribers: 1 (expected: with --topic and publishers)",
                "bench --stalled -1                   | --stalled: -1 (expected: 0..10000)",
                "bench --garbage 10001                | --garbage: 10001 (expected: 0..10000)",
                "bench --topic t --body 1KiB,64KiB    | --body: 2 sizes (expected: one with --topic)",
                "serve --port 65536                   | port: 65536 (expected: 0..65535)",
                "serve --config /nowhere/at.all       | config file: /nowhere/at.all",
            })
    void wrongUsageIsExitCode2(String line, String reason) {
        Command run = Command.run(line.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("bowstring: ").contains(reason).contains("--help'");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void listsTheCommandsWhereNoneIsGiven() {
        Command run = Command.run();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .startsWith("bowstring: no command (expected: one of those below)", "Usage: bowstring [-hV] COMMAND")
                .containsAll(Command.run("--help").text().lines().toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish t --url bowstring://127.0.0.1:1",
                "publish t --url 127.0.0.1:1",
                "subscribe t --from -3 --url bowstring://127.0.0.1:1",
                "topics --url bowstring://127.0.0.1:1",
                "bench --format json --url bowstring://127.0.0.1:1"
            })
    void failureIsExitCode1AndOneLine(String line) {
        Command run = Command.run(emptyStream(), line.split(" "));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualToNormalizingNewlines("bowstring: cannot connect to bowstring://127.0.0.1:1: connection refused"
                        + " (is it running? bowstring serve starts one)\n");
    }

    @Test
    void doesNotAskForAServerToBeStartedOnAnotherMachine() {
        Command run = Command.run("topics", "--url", "bowstring://no.such.host.invalid:8816");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualToNormalizingNewlines(
                        "bowstring: cannot connect to bowstring://no.such.host.invalid:8816: unknown host\n");
    }

    private static byte[] emptyStream() {
        return Streams.of(Streams.schema("n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--help", "serve --help", "publish --help", "subscribe --help", "topics --help", "bench --help"})
    void everyCommandExplainsItself(String line) {
        Command run = Command.run(line.split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).startsWith("Usage: bowstring").contains("--version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "topics --version", "--version topics"})
    void saysItsVersion(String line) {
        Command run = Command.run(line.split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).isEqualToNormalizingNewlines("bowstring (not packaged)\n");
    }

    @Test
    void theHelpNamesEveryCommandThatIsForPeople() {
        assertThat(Command.run("--help").text())
                .contains(Bowstring.commandLine().getSubcommands().values().stream()
                        .map(CommandLine::getCommandSpec)
                        .filter(command -> !command.usageMessage().hidden())
                        .map(CommandLine.Model.CommandSpec::name)
                        .toList());
    }

    @Test
    void findsTheServerInTheEnvironmentUnlessItIsGiven() {
        Map<String, String> environment = Map.of("BOWSTRING_URL", "bowstring://127.0.0.1:1");

        for (String line : List.of("publish t", "subscribe t", "topics", "topics --watch")) {
            assertThat(Command.run(emptyStream(), environment, line.split(" ")).err())
                    .contains("cannot connect to bowstring://127.0.0.1:1: ");
            assertThat(Command.run(emptyStream(), environment, (line + " --url bowstring://127.0.0.1:2").split(" "))
                            .err())
                    .contains("cannot connect to bowstring://127.0.0.1:2: ");
        }
    }

    @Test
    void saysWhatIsWrongInTheEnvironment() {
        Command run = Command.run(emptyStream(), Map.of("BOWSTRING_URL", "http://localhost"), "topics");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("bowstring: BOWSTRING_URL: url: http://localhost (expected: bowstring://HOST")
                .contains("Try 'bowstring topics --help'.");
    }

    @Test
    void saysThatAnotherServerHasThePort() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Command run = Command.run("serve", "--port", String.valueOf(other.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .isEqualToNormalizingNewlines("bowstring: port " + other.getLocalPort()
                            + " is already in use (another bowstring? --port N)\n");
        }
    }

    @Test
    void saysWhyItCannotKeepTopics(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        Command run = Command.run("serve", "--port", "0", "--data", file.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualToNormalizingNewlines("bowstring: data: " + file
                        + " (expected: a directory that this server can use alone): there is a file of that name\n");
    }

    @Test
    void saysWhereItCannotListen() {
        Command run = Command.run("serve", "--host", "192.0.2.1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("bowstring: address: 192.0.2.1:8816 (expected: free and local): ");
    }
}
