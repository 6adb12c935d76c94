package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the launcher in the root learns the version of Java. The Javas are scripts. */
class LauncherJavaIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String FAILS = "#!/bin/sh\nexit 3\n";

    @TempDir
    private Path home;

    private Path java(String script) throws IOException {
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, script);
        return Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String launch(Map<String, String> environment) throws IOException {
        try (ClientProcess launcher =
                ClientProcess.start(Project.ROOT, environment, List.of("./bowstring", "--version"))) {
            return launcher.await(TIMEOUT);
        }
    }

    @Test
    void readsVersionThatTheJdkTellsInAFile() throws IOException {
        Path java = java(FAILS);
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"16.0.2\"\n");

        assertThatThrownBy(() -> launch(Map.of("JAVA_HOME", home.toString())))
                .hasMessageContaining("needs a JDK, 17 or newer: " + java + " is 16");
    }

    @Test
    void readsItThroughLinks() throws IOException {
        Path java = java(FAILS);
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"1.8.0_292\"\n");
        Path link = Files.createDirectories(home.resolve("links")).resolve("java");
        Files.createSymbolicLink(link, Path.of("..", "bin", java.getFileName().toString()));

        assertThatThrownBy(
                        () -> launch(Map.of("JAVA_HOME", "", "PATH", link.getParent() + ":" + System.getenv("PATH"))))
                .hasMessageContaining("needs a JDK, 17 or newer: " + link + " is 1\n");
    }

    @Test
    void asksJavaWhereThereIsNoSuchFile() throws IOException {
        Path java =
                java("#!/bin/sh\necho 'Picked up JAVA_TOOL_OPTIONS: -Dx=y'\necho 'openjdk version \"11.0.2\"' >&2\n");

        assertThatThrownBy(() -> launch(Map.of("JAVA_HOME", home.toString())))
                .hasMessageContaining("needs a JDK, 17 or newer: " + java + " is 11");
    }
}
