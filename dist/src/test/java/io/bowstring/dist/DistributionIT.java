package io.bowstring.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.cli.Bowstring;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The distribution as a user has it: unpacked somewhere, on a machine without Java. */
class DistributionIT {
    @TempDir
    private static Path directory;

    private static Unpacked unpacked;

    @BeforeAll
    static void unpack() throws Exception {
        unpacked = Unpacked.in(directory);
    }

    private static String version() throws Exception {
        Unpacked.Run run = unpacked.bowstring("--version");
        assertThat(run).isEqualTo(new Unpacked.Run(0, run.out(), ""));
        return run.out();
    }

    @Test
    void saysItsVersion() throws Exception {
        assertThat(version()).matches("bowstring \\d\\S+\n");
        assertThat(unpacked.folder().getFileName().toString())
                .startsWith(version().strip().replace(' ', '-') + "-linux-");
    }

    @Test
    void servesPublishesSubscribesAndLists() throws Exception {
        Path log = Files.createTempFile(directory, "server", "");
        Path ready = Files.createTempFile(directory, "ready", "");
        List<String> serve = List.of(unpacked.file("bowstring").toString(), "serve", "--port", "0");
        Process server = unpacked.start(ready.toFile(), log.toFile(), serve);
        try {
            String url = "BOWSTRING_URL=bowstring://" + address(server, ready);
            String bowstring = unpacked.file("bowstring").toString();
            Files.writeString(directory.resolve("rows.csv"), "n,name\n1,a\n2,b\n");

            assertThat(unpacked.run("env", url, bowstring, "publish", "rows", "rows.csv")
                            .exitCode())
                    .isZero();
            String[] subscribe = {"env", url, bowstring, "subscribe", "rows", "--from", "earliest", "--limit", "2"};
            assertThat(unpacked.run(with(subscribe, "--format", "csv")).out()).isEqualTo("n,name\n1,a\n2,b\n");
            Unpacked.Run topics = unpacked.run("env", url, bowstring, "topics");
            assertThat(topics.out()).startsWith("topic ").contains("\nrows ");
            assertThat(topics.err()).isEmpty();
            assertThat(Files.readString(log)).contains("by EPOLL");
        } finally {
            server.destroy();
        }
        assertThat(server.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(server.exitValue()).isZero();
    }

    @Test
    void measuresAServerOfItsOwn() throws Exception {
        Unpacked.Run bench = unpacked.bowstring("bench", "--duration", "500ms", "--format", "json");

        assertThat(bench.exitCode()).as(bench.err()).isZero();
        assertThat(bench.out()).contains("\"lost\": 0");
    }

    private static String[] with(String[] command, String... more) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Waits until the server has said where it is. */
    private static String address(Process server, Path ready) throws Exception {
        String line = "";
        while (!line.endsWith("\n")) {
            assertThat(server.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
            line = Files.readString(ready);
        }
        assertThat(line).startsWith("bowstring ready on ");
        return line.strip().substring("bowstring ready on ".length());
    }

    @Test
    void usesItsArchiveOfClassesWhereverItIs() throws Exception {
        Unpacked.Run run = unpacked.run(
                "env",
                "BOWSTRING_JAVA_OPTS=-Xshare:on",
                unpacked.file("bowstring").toString(),
                "--version");

        assertThat(run).isEqualTo(new Unpacked.Run(0, version(), ""));
    }

    @Test
    void saysNothingOfAnArchiveThatDoesNotFit() throws Exception {
        String version = version();
        Path jar = unpacked.file("lib/bowstring.jar");
        FileTime time = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
        try {
            assertThat(version()).isEqualTo(version);
        } finally {
            Files.setLastModifiedTime(jar, time);
        }
    }

    @Test
    void startsWithoutAShell() throws Exception {
        Unpacked.Run run = unpacked.run(
                unpacked.file("runtime/bin/java").toString(),
                "@" + unpacked.file("bowstring.options"),
                "@" + unpacked.file("short.options"),
                "-jar",
                unpacked.file("lib/bowstring.jar").toString(),
                "--version");

        assertThat(run).isEqualTo(new Unpacked.Run(0, version(), ""));
    }

    @Test
    void completesInBash() throws Exception {
        Unpacked.Run run = unpacked.run(
                "bash",
                "-c",
                "set -e; source \"$1\"; COMP_WORDS=(bowstring to); COMP_CWORD=1; _complete_bowstring; echo \"${COMPREPLY[@]}\"",
                "bash",
                unpacked.file("completion/bowstring.bash").toString());

        assertThat(run).isEqualTo(new Unpacked.Run(0, "topics\n", ""));
    }

    @Test
    void hasManPageThatNamesEveryCommandForPeople() throws Exception {
        List<String> shown = Bowstring.commandLine().getSubcommands().entrySet().stream()
                .filter(command ->
                        !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();

        assertThat(Pattern.compile("(?m)^\\.SS bowstring (.+)$")
                        .matcher(unpacked.text("man/man1/bowstring.1"))
                        .results()
                        .map(match -> match.group(1)))
                .contains("serve", "bench")
                .containsExactlyElementsOf(shown);
    }

    @Test
    void hasLicenceForEachJar() throws Exception {
        List<String> listed = Pattern.compile("\\([\\w.-]+:([\\w.-]+:[\\w.-]+) - ")
                .matcher(unpacked.text("THIRD-PARTY.txt"))
                .results()
                .map(match -> match.group(1).replace(':', '-'))
                .toList();

        assertThat(unpacked.text("LICENSE")).contains("Apache License");
        for (String jar : unpacked.file("lib").toFile().list()) {
            String name = jar.replace(".jar", "");
            if (!name.startsWith("bowstring")) {
                assertThat(listed).anyMatch(name::startsWith);
                assertThat(unpacked.file("third-party/" + name)).isNotEmptyDirectory();
            }
        }
    }
}
