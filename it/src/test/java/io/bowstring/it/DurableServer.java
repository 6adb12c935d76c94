package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code bowstring serve} with a data directory, in a process of its own, whose output is added to a file. It is gone when {@link
 * #close} returns. Confined to the test's thread.
 */
final class DurableServer implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 2;

    private final Path log;
    private final long logStart;
    private final Process process;

    /**
     * Starts a server; does not wait for it.
     *
     * @param main what takes the command line
     * @param settings by their keys, as in a file
     * @param log takes what it writes, after what is there
     */
    DurableServer(String main, int port, Path data, Map<String, String> settings, Path log) throws IOException {
        this.log = log;
        Files.writeString(log, "--- start ---\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        this.logStart = Files.size(log);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                LaunchedServer.FIRST_COMPILER,
                "-Xmx256m",
                "-Dlogback.configurationFile=" + Project.inModule("src/test/resources/serve-logback.xml"),
                "-cp",
                System.getProperty("java.class.path"),
                main,
                "serve"));
        command.addAll(List.of("--port", Integer.toString(port), "--data", data.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        settings.forEach((key, value) -> builder.environment()
                .put("BOWSTRING_SERVER_" + key.toUpperCase(Locale.ROOT).replace('-', '_'), value));
        process = builder.start();
    }

    /** Waits until the server has said that it is ready. */
    void awaitReady() {
        awaitLog("bowstring ready on ");
    }

    /** Waits until the server has written something, and returns it. */
    MatchResult awaitLog(String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        Matcher found = compiled.matcher(output());
        while (!found.find()) {
            if (hasEnded(POLL_MILLIS) || System.nanoTime() > deadline) {
                throw new AssertionError("\"" + pattern + "\" is missing: " + output());
            }
            found = compiled.matcher(output());
        }
        return found;
    }

    /** Returns what it has written so far. */
    String output() {
        try {
            return Files.readString(log).substring((int) logStart);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean hasEnded(long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Returns its process, which has its standard input from here. */
    Process process() {
        return process;
    }

    /** Asks it to stop, which it must do in order. */
    void stop() {
        process.destroy();
        assertThat(hasEnded(TIMEOUT.toMillis())).as("stopped: %s", output()).isTrue();
        assertThat(process.exitValue()).as("exit: %s", output()).isZero();
    }

    /** Kills it, which gets no time for anything. Idempotent. */
    @Override
    public void close() {
        process.destroyForcibly();
        assertThat(hasEnded(TIMEOUT.toMillis())).isTrue();
    }
}
