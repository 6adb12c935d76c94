package io.bowstring.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A JVM of its own whose main class answers lines with lines. It is gone when {@link #close} returns. Confined to the
 * test's thread.
 */
final class CommandedProcess implements AutoCloseable {
    private final Path log;
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    /** Starts a class of these tests, with their class path. */
    CommandedProcess(Path folder, List<String> options, Class<?> main, String... arguments) throws IOException {
        log = Files.createTempFile(folder, main.getSimpleName(), ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        in = process.outputWriter();
        out = process.inputReader();
    }

    /** Sends a line. */
    void send(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
    }

    /** Waits for a line. */
    String receive() throws IOException {
        String line = out.readLine();
        return Objects.requireNonNull(line, () -> "the process has ended: " + log());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns what it has written to its standard error. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
