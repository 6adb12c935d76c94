package io.bowstring.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder below {@code target} with pinned packages of another language. It is made again when what it was made
 * from has changed. Tests of several processes share it: one makes it, and the others wait.
 *
 * <p>Confined to the test's thread.
 */
public final class Environment {
    private static final long TIMEOUT_MINUTES = 5;

    /** Written last: an environment without it, or with another, is made again. */
    private static final String STAMP = ".made-from";

    /** Why folders could not be made, as long as this process lives: each class that needs them would try again. */
    private static final Map<Path, String> FAILURES = new ConcurrentHashMap<>();

    private final Path folder;

    /** Names the folder; nothing is made yet. */
    public Environment(Path folder) {
        this.folder = folder;
    }

    public Path folder() {
        return folder;
    }

    /**
     * Makes the environment, unless it is there.
     *
     * @param source all that it is made from
     * @param steps what makes it, in the empty folder; where it fails the environment is an unmet requirement
     */
    public void make(String source, Steps steps) {
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
        } catch (RuntimeException | AssertionError e) {
            FAILURES.put(folder, String.valueOf(e.getMessage()));
            throw e;
        }
        Files.writeString(stamp, source);
    }

    /** Runs a program in the folder; where it is missing or fails, the requirement is unmet. */
    public void run(String... command) {
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            process.getOutputStream().close();
            String end = end(process);
            if (end != null) {
                Requirement.unmet(end + ": " + String.join(" ", command) + "\n" + Files.readString(log));
            }
        } catch (IOException e) {
            Requirement.unmet("no " + command[0] + ": " + e.getMessage());
        }
    }

    /** Waits until a process has ended; returns what is wrong with its end, or null. */
    private static @Nullable String end(Process process) {
        try {
            if (process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                return process.exitValue() == 0 ? null : "exit " + process.exitValue();
            }
            return "not done after " + TIMEOUT_MINUTES + " minutes";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
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
    public interface Steps {
        void run() throws IOException;
    }
}
