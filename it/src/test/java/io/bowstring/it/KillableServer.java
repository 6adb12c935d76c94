package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientListener;
import io.bowstring.client.ReconnectConfig;
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
 * {@code bowstring serve} in a process of its own, which can be killed and whose output is added to a file. It is gone when {@link
 * #close} returns. Confined to the test's thread.
 */
final class KillableServer implements AutoCloseable {
    /** The class that takes the command line. */
    static final String BOWSTRING = "io.bowstring.cli.Bowstring";

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 2;
    private static final Duration LEAST_DELAY = Duration.ofMillis(20);

    private final Path log;
    private final long logStart;
    private final Process process;

    /**
     * Starts a server; does not wait for it.
     *
     * @param main the class that takes the command line
     * @param options of the command
     * @param settings by their keys, as in a file
     * @param log takes what it writes, after what is there
     */
    private KillableServer(String main, List<String> options, Map<String, String> settings, Path log)
            throws IOException {
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
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        settings.forEach((key, value) -> builder.environment()
                .put("BOWSTRING_SERVER_" + key.toUpperCase(Locale.ROOT).replace('-', '_'), value));
        process = builder.start();
    }

    /** Starts a server that keeps nothing on disk; blocks until it is ready. */
    static KillableServer startInMemory(int port, Path log) throws IOException {
        KillableServer server = new KillableServer(BOWSTRING, List.of("--port", Integer.toString(port)), Map.of(), log);
        try {
            server.awaitReady();
        } catch (AssertionError e) {
            server.close();
            throw e;
        }
        return server;
    }

    /**
     * Starts a server with a data directory; does not wait for it.
     *
     * @param main the class that takes the command line
     * @param settings by their keys, as in a file
     * @param log takes what it writes, after what is there
     */
    static KillableServer startDurable(String main, int port, Path data, Map<String, String> settings, Path log)
            throws IOException {
        List<String> options = List.of("--port", Integer.toString(port), "--data", data.toString());
        return new KillableServer(main, options, settings, log);
    }

    /** Returns how a client connects to a server on a port that comes back soon, each time; it does so within a delay, at most. */
    static ClientConfig clientConfig(int port, Duration maxDelay, ClientListener listener) {
        return ClientConfig.of("bowstring://127.0.0.1:" + port)
                .withReconnect(new ReconnectConfig(LEAST_DELAY, maxDelay, TIMEOUT))
                .withListener(listener);
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
