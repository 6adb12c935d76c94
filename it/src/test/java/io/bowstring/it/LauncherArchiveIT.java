package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher makes an archive of the classes, in a folder as it is copied to a machine. The Java is a script. */
class LauncherArchiveIT {
    private static final String WRITES = "echo classes >\"${option#*=}\"";

    @TempDir
    private Path folder;

    private Path log;
    private Path jar;
    private Path archive;
    private LauncherCopy launcher;

    @BeforeEach
    void copyProgram() throws IOException {
        log = folder.resolve("jdk/bin/java.log");
        archive = folder.resolve("cli/target/bowstring-17.jsa");
        launcher = new LauncherCopy(folder);
        jar = launcher.addJar("cli/target/lib/bowstring-cli-1.jar");
    }

    private void writeJava(String archives) throws IOException {
        launcher.addJava("jdk", "17.0.15", archives);
    }

    private String launch() throws IOException {
        return launcher.launch(Map.of(), "--version");
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
