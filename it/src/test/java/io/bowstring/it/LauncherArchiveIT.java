package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher makes an archive of the classes, in a folder as it is copied to a machine. The Java is a script. */
class LauncherArchiveIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** Counts the archives that it is to make, and prints the options of all else. */
    private static final String JAVA = """
            #!/bin/sh
            for option; do
                case $option in
                    -XX:ArchiveClassesAtExit=*)
                        echo made >>"$0.log"
                        %s
                        exit 1
                        ;;
                esac
            done
            echo "$@"
            """;

    private static final String WRITES = "echo classes >\"${option#*=}\"";

    @TempDir
    private Path folder;

    private Path log;
    private Path jar;
    private Path archive;

    @BeforeEach
    void copyProgram() throws IOException {
        log = folder.resolve("jdk/bin/java.log");
        jar = folder.resolve("cli/target/lib/bowstring-cli-1.jar");
        archive = folder.resolve("cli/target/bowstring-17.jsa");
        Files.copy(Project.ROOT.resolve("bowstring"), folder.resolve("bowstring"));
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
    }

    private void writeJava(String archives) throws IOException {
        Path java = folder.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, JAVA.formatted(archives));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.15\"\n");
    }

    private String launch() throws IOException {
        Map<String, String> environment =
                Map.of("JAVA_HOME", folder.resolve("jdk").toString());
        List<String> command = List.of("bash", folder.resolve("bowstring").toString(), "--version");
        try (ClientProcess launcher = ClientProcess.start(folder, environment, command)) {
            return launcher.await(TIMEOUT);
        }
    }

    @Test
    void makesItOnceAndUsesIt() throws IOException {
        writeJava(WRITES);

        assertThat(launch()).contains(" -XX:SharedArchiveFile=", "/cli/target/bowstring-17.jsa ");
        assertThat(launch()).contains(" -XX:SharedArchiveFile=", "/cli/target/bowstring-17.jsa ");

        assertThat(log).hasContent("made\n");
        try (Stream<Path> files = Files.list(archive.getParent())) {
            assertThat(files).containsExactlyInAnyOrder(archive, jar.getParent());
        }
    }

    @Test
    void makesItAgainForOtherJars() throws IOException {
        writeJava(WRITES);
        launch();
        Files.setLastModifiedTime(archive, FileTime.fromMillis(0));
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000));

        launch();

        assertThat(log).hasContent("made\nmade\n");
    }

    @Test
    void asksJavaOnceWhereItMakesNone() throws IOException {
        writeJava("");

        assertThat(launch()).doesNotContain("SharedArchiveFile", "-Xlog");
        assertThat(launch()).doesNotContain("SharedArchiveFile", "-Xlog");

        assertThat(log).hasContent("made\n");
    }
}
