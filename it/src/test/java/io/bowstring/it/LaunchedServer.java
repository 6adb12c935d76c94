package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that was started as a user starts it, by the launcher in the root, on a free port. Closing it asks it to stop,
 * and it must do so in order.
 *
 * <p>Confined to the test's thread.
 */
final class LaunchedServer implements AutoCloseable {
    /** Lets a JVM that does not live long compile less, as that of the tests. */
    static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

    /** Variables for the launcher, whatever it starts. */
    static final Map<String, String> JVM_OPTIONS = Map.of("BOWSTRING_JAVA_OPTS", FIRST_COMPILER);

    private static final Pattern READY = Pattern.compile("bowstring ready on 127\\.0\\.0\\.1:(\\d+)\\R");

    /** The launcher may have to build first. */
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
    private static final int EXIT_KILLED = 128 + 9;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final ClientProcess process;
    private final int port;

    /**
     * Starts a server; blocks until it is ready.
     *
     * @param folder to start it in
     * @param command as a user types it, to which the choice of the port is added
     */
    LaunchedServer(Path folder, String command) {
        try {
            process = ClientProcess.start(folder, JVM_OPTIONS, List.of("bash", "-c", "exec " + command + " --port 0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            port = awaitPort();
        } catch (AssertionError e) {
            process.close();
            throw e;
        }
    }

    private int awaitPort() {
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            boolean hasEnded = process.hasEnded(POLL_INTERVAL);
            Matcher ready = READY.matcher(process.output());
            if (ready.matches()) {
                return Integer.parseInt(ready.group(1));
            }
            if (hasEnded) {
                break;
            }
        }
        throw new AssertionError(process.describe("not ready"));
    }

    int port() {
        return port;
    }

    /** Sends a signal by its name without SIG. */
    void signal(String name) throws IOException {
        Signals.send(name, process.process().pid());
    }

    /** Returns the id of the process, for a client that stops or kills its server. */
    long pid() {
        return process.process().pid();
    }

    /** Waits until somebody has killed the server, which needs no other close then. */
    void awaitKilled() {
        try (process) {
            assertThat(process.hasEnded(STOP_TIMEOUT))
                    .as(process.describe("killed"))
                    .isTrue();
            assertThat(process.process().exitValue())
                    .as(process.describe("exit"))
                    .isEqualTo(EXIT_KILLED);
        }
    }

    @Override
    public void close() {
        try (process) {
            process.process().destroy();
            assertThat(process.hasEnded(STOP_TIMEOUT))
                    .as(process.describe("stopped in time"))
                    .isTrue();
            assertThat(process.process().exitValue())
                    .as(process.describe("exit"))
                    .isZero();
        }
    }
}
