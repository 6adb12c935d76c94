package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The launcher in a folder of its own, with a jar that is empty and a Java that is a script. Confined to one thread. */
final class LauncherCopy {
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

    private final Path folder;

    /** Copies the launcher. */
    LauncherCopy(Path folder) throws IOException {
        this.folder = folder.toRealPath();
        Files.copy(Project.ROOT.resolve("bowstring"), folder.resolve("bowstring"));
    }

    /** Adds the jar, as old as can be. */
    Path addJar(String name) throws IOException {
        Path jar = folder.resolve(name);
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        return Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
    }

    /** Adds a Java of a version in {@code home/bin}, which runs {@code archives} where it is to make an archive. */
    void addJava(String home, String version, String archives) throws IOException {
        Path java = folder.resolve(home).resolve("bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, JAVA.formatted(archives));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve(home).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    /** Runs the launcher with the Java in {@code jdk}; returns its output. */
    String launch(Map<String, String> environment, String... arguments) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("JAVA_HOME", folder.resolve("jdk").toString());
        List<String> command =
                new ArrayList<>(List.of("bash", folder.resolve("bowstring").toString()));
        command.addAll(List.of(arguments));
        try (ClientProcess launcher = ClientProcess.start(folder, all, command)) {
            return launcher.await(TIMEOUT);
        }
    }
}
