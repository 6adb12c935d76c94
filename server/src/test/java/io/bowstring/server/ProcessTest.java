package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.LeakDetection;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The server in a process of its own, without any JVM flag, on this JDK and on those installed beside it. */
@ExtendWith(LeakDetection.class)
class ProcessTest {
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"([0-9]+)");

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    /** Returns the homes of the JDKs from 17 on; another name of one that is there already is left out. */
    static List<Path> jdks() throws IOException {
        try (Stream<Path> siblings = Files.list(JAVA_HOME.toRealPath().getParent())) {
            List<Path> found = siblings.filter(
                            home -> Files.isExecutable(home.resolve("bin/java")) && version(home) >= 17)
                    .map(ProcessTest::realPath)
                    .distinct()
                    .sorted()
                    .toList();
            return found.isEmpty() ? List.of(JAVA_HOME) : found;
        }
    }

    private static int version(Path home) {
        Path release = home.resolve("release");
        try {
            Matcher matcher = VERSION.matcher(Files.isRegularFile(release) ? Files.readString(release) : "");
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void relaysBatches(Path jdk) throws Exception {
        Process process = start(jdk);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(output.readLine());
            try (WireClient publisher = WireClient.connect(port);
                    WireClient subscriber = WireClient.connect(port)) {
                publisher.send(Messages.publish("t"), Messages.batch(1, 2));
                subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
                subscriber.expectStart("t", 0).expectBatch(0, 1, 2);

                process.getOutputStream().close();

                subscriber.expectEnd().expectFin();
                publisher.expectRefusal("SHUTTING_DOWN");
            }
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void resetsSubscribersWhenItIsKilled() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc")), "only Linux resets the sockets of a killed process for sure");
        Process process = start(JAVA_HOME);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(output.readLine());
            try (WireClient publisher = WireClient.connect(port);
                    WireClient subscriber = WireClient.connect(port)) {
                publisher.send(Messages.publish("t"), Messages.batch(1));
                subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
                subscriber.expectStart("t", 0).expectBatch(0, 1);

                process.destroyForcibly();

                subscriber.expectReset();
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Process start(Path jdk) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                jdk.resolve("bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StandAlone.class.getName());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
