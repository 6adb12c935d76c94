package io.bowstring.it;

import io.bowstring.codec.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process of a client. It is gone when {@link #close} returns, and whatever it started with it.
 *
 * <p>Confined to the test's thread.
 */
final class ClientProcess implements AutoCloseable {
    /** What a script exits with where the machine lacks something that it needs; the reason is its last line of stderr. */
    static final int EXIT_UNMET = 77;

    private final List<String> command;
    private final Path output;
    private final Path errors;
    private final Process process;

    /**
     * Starts a process.
     *
     * @param command for people
     */
    ClientProcess(List<String> command, Start start) throws IOException {
        this.command = command;
        this.output = Files.createTempFile("bowstring-it-", ".out");
        this.errors = Files.createTempFile("bowstring-it-", ".err");
        this.process = start.start(output, errors);
    }

    /**
     * Starts a process by its command.
     *
     * @param folder to run it in
     * @param environment in addition to this process's own
     * @throws IOException where there is no such program
     */
    static ClientProcess start(Path folder, Map<String, String> environment, List<String> command) throws IOException {
        return new ClientProcess(command, (output, errors) -> {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(output.toFile())) // empty
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            builder.environment().putAll(environment);
            return builder.start();
        });
    }

    /** Waits until the process has succeeded and returns its standard output; fails with its standard error. */
    String await(Duration timeout) {
        if (!hasEnded(timeout)) {
            throw new AssertionError(describe("not done after " + timeout));
        }
        int exit = process.exitValue();
        if (exit == EXIT_UNMET) {
            List<String> lines = read(errors).lines().toList();
            return Requirement.unmet(lines.get(lines.size() - 1));
        }
        if (exit != 0) {
            throw new AssertionError(describe("exit " + exit));
        }
        return read(output);
    }

    /** Returns whether the process has ended within the time. */
    boolean hasEnded(Duration timeout) {
        try {
            return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(describe("interrupted"), e);
        }
    }

    /** Returns what the process is and what it has written so far. */
    String describe(String what) {
        return what + ": " + String.join(" ", command) + "\n" + read(errors) + read(output);
    }

    /** Returns its standard output so far. */
    String output() {
        return read(output);
    }

    /** Returns its standard error so far. */
    String errors() {
        return read(errors);
    }

    Process process() {
        return process;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.delete(output);
            Files.delete(errors);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a process without input, whose standard output and error go to two empty files. */
    interface Start {
        Process start(Path output, Path errors) throws IOException;
    }
}
