package io.bowstring.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The distribution of this build, unpacked somewhere else. What it runs has an empty environment, and no Java in its path.
 *
 * @param folder the unpacked folder
 * @param directory where it runs commands
 */
record Unpacked(Path folder, Path directory) {
    private static final int TIMEOUT_SECONDS = 120;
    private static final Path TARGET = Path.of(System.getProperty("bowstring.root"), "dist", "target");

    /**
     * One finished run.
     *
     * @param exitCode of the run
     * @param out its standard output
     * @param err its standard error
     */
    record Run(int exitCode, String out, String err) {}

    static Unpacked in(Path directory) throws Exception {
        Path archive = only(TARGET, ".tar.gz");
        Path elsewhere = Files.createDirectories(directory.resolve("else where"));
        Process tar = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", elsewhere.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        return new Unpacked(only(elsewhere, ""), directory);
    }

    private static Path only(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> matches =
                    files.filter(file -> file.toString().endsWith(ending)).toList();
            assertThat(matches).hasSize(1);
            return matches.get(0);
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    String text(String name) throws IOException {
        return Files.readString(file(name));
    }

    /** Starts a command; its environment has a path and nothing else. */
    Process start(File out, File err, List<String> command) throws IOException {
        List<String> line = new ArrayList<>(List.of("env", "-i", "PATH=/usr/bin:/bin"));
        line.addAll(command);
        return new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectOutput(out)
                .redirectError(err)
                .start();
    }

    Run run(String... command) throws Exception {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        Process process = start(out.toFile(), err.toFile(), List.of(command));
        process.getOutputStream().close();
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Runs the launcher. */
    Run bowstring(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(file("bowstring").toString()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }
}
