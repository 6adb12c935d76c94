package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A folder below {@code it/target} with pinned packages of another language. It is made again when what it was made
 * from has changed. Tests of several processes share it: one makes it, and the others wait.
 *
 * <p>Confined to the test's thread.
 */
final class Environment {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** Written last: an environment without it, or with another, is made again. */
    private static final String STAMP = ".made-from";

    /** Why folders could not be made, as long as this process lives: each class that needs them would try again. */
    private static final Map<Path, String> FAILURES = new ConcurrentHashMap<>();

    private final Path folder;

    Environment(String name) {
        this(Project.inModule("target").resolve(name));
    }

    Environment(Path folder) {
        this.folder = folder;
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
        Path lock = folder.resolveSibling(folder.getFileName() + ".lock");
        try {
            Files.createDirectories(folder.getParent());
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.lock();
                makeLocked(source, steps);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void makeLocked(String source, Steps steps) throws IOException {
        Path stamp = folder.resolve(STAMP);
        if (Files.exists(stamp) && Files.readString(stamp).equals(source)) {
            return;
        }
        String failure = FAILURES.get(folder);
        if (failure != null) {
            Requirement.unmet(failure);
        }
        delete();
        Files.createDirectories(folder);
        try {
            steps.run();
        } catch (TestAbortedException | AssertionError e) {
            FAILURES.put(folder, String.valueOf(e.getMessage()));
            throw e;
        }
        Files.writeString(stamp, source);
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
