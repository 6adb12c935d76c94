package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder below {@code it/target} with pinned packages of another language. It is made again when what it was made
 * from has changed.
 *
 * <p>Confined to the test's thread.
 */
final class Environment {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** Written last: an environment without it, or with another, is made again. */
    private static final String STAMP = ".made-from";

    private final Path folder;

    Environment(String name) {
        folder = Project.inModule("target").resolve(name);
    }

    Path folder() {
        return folder;
    }

    /**
     * Makes the environment, unless it is there.
     *
     * @param source all that it is made from
     * @param steps what makes it, in the empty folder; where it fails the environment is an unmet requirement
     */
    void make(String source, Steps steps) {
        try {
            if (Files.exists(folder.resolve(STAMP))
                    && Files.readString(folder.resolve(STAMP)).equals(source)) {
                return;
            }
            delete();
            Files.createDirectories(folder);
            steps.run();
            Files.writeString(folder.resolve(STAMP), source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program in the folder; where it is missing or fails, the requirement is unmet. */
    String run(String... command) {
        try (ClientProcess process = ClientProcess.start(folder, Map.of(), List.of(command))) {
            return process.await(TIMEOUT);
        } catch (IOException e) {
            return Requirement.unmet("no " + command[0] + ": " + e.getMessage());
        } catch (AssertionError e) {
            return Requirement.unmet(e.getMessage());
        }
    }

    private void delete() throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** What makes an environment. */
    interface Steps {
        void run() throws IOException;
    }
}
