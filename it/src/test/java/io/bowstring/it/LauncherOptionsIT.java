package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which options the launcher gives to the JVM, in a clone and in a distribution. */
class LauncherOptionsIT {
    private static final String SHORT = "/cli/src/main/options/short.options ";
    private static final Set<String> COMMANDS =
            Set.of("serve", "publish", "subscribe", "bench", "topics", "delete", "cat", "check", "repair");

    @TempDir
    private Path folder;

    private LauncherCopy launcher;

    @BeforeEach
    void copyProgram() throws IOException {
        launcher = new LauncherCopy(folder);
        launcher.addJava("jdk", "17.0.15", "");
    }

    private String launch(Map<String, String> environment, String line) throws IOException {
        launcher.addJar("cli/target/lib/bowstring-cli-1.jar");
        return launcher.launch(environment, line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"topics", "delete t", "--version", "--help", "", "nope", "serve --help", "publish t -V"})
    void aCommandThatEndsSoonIsShort(String line) throws IOException {
        assertThat(launch(Map.of(), line)).contains(SHORT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "publish t", "subscribe t --limit 1", "bench"})
    void allOthersHaveTheJvmAsItIs(String line) throws IOException {
        assertThat(launch(Map.of(), line)).doesNotContain(SHORT).contains("/bowstring.options ");
    }

    @Test
    void theUsersOptionsComeLast() throws IOException {
        assertThat(launch(Map.of("BOWSTRING_JAVA_OPTS", "-Xmx1g -Da=b"), "topics"))
                .contains("short.options -Xmx1g -Da=b -jar ");
    }

    @Test
    void theUsersCollectorReplacesThatOfAShortCommand() throws IOException {
        assertThat(launch(Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC"), "topics"))
                .contains("short.options -XX:-UseSerialGC -jar ");
    }

    /** What the JVM itself says is not on standard output. */
    @Test
    void aJvmTakesTheUsersCollector() throws IOException {
        Map<String, String> environment =
                Map.of("BOWSTRING_JAVA_OPTS", "-XX:+UseParallelGC -XX:+PrintCommandLineFlags");

        assertThat(real(environment, "./bowstring --version")).matches("bowstring \\S+\n");
        assertThat(real(environment, "./bowstring --version 2>&1"))
                .contains("-XX:+UseParallelGC ", "-XX:-UseSerialGC ", "-XX:TieredStopAtLevel=1 ");
    }

    private static String real(Map<String, String> environment, String line) throws IOException {
        List<String> command = List.of("bash", "-c", line);
        try (ClientProcess process = ClientProcess.start(Project.ROOT, environment, command)) {
            return process.await(Duration.ofMinutes(5));
        }
    }

    /** With it, cd prints the folder that it finds. */
    @Test
    void aPathForCdChangesNothing() throws IOException {
        String name = Project.ROOT.getFileName() + "/bowstring";
        Map<String, String> environment = Map.of("CDPATH", String.valueOf(Project.ROOT.getParent()));

        assertThat(real(environment, "cd .. >&2 && " + name + " --version")).matches("bowstring \\S+\n");
    }

    /** A new command must be made known as short or long: in the launcher, here and above. */
    @Test
    void everyCommandIsKnownToTheLauncher() throws IOException {
        String help = real(Map.of(), "./bowstring --help");
        String commands = help.substring(help.indexOf("Commands:"), help.indexOf("Exit codes:"));

        assertThat(Pattern.compile("^ {2}(\\w+)", Pattern.MULTILINE)
                        .matcher(commands)
                        .results()
                        .map(MatchResult::group)
                        .map(String::strip))
                .isNotEmpty()
                .isSubsetOf(COMMANDS);
    }

    @Test
    void newerJvmsHaveMore() throws IOException {
        launcher.addJava("jdk", "25.0.1", "");

        assertThat(launch(Map.of(), "serve")).contains("/bowstring.options @", "/java24.options ");
    }

    @Test
    void aDistributionUsesTheJavaInIt() throws IOException {
        launcher.addJava("runtime", "17.0.15", "");
        launcher.addJar("lib/bowstring.jar");
        Path real = folder.toRealPath();

        assertThat(launcher.launch(Map.of(), "topics", "a b"))
                .isEqualTo("@" + real + "/bowstring.options @" + real
                        + "/short.options -jar /proc/self/fd/9/lib/bowstring.jar topics a b\n");
    }
}
