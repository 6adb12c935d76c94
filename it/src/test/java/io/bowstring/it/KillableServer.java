package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server of its own process, {@code bowstring serve}, that is killed and not stopped. Confined to the test's thread. */
final class KillableServer implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

    private final ClientProcess process;
    private boolean isKilled;

    /** Starts a server on a port; blocks until it is ready. */
    KillableServer(Path folder, int port) throws IOException {
        process = ClientProcess.start(
                folder,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.bowstring.cli.Bowstring",
                        "serve",
                        "--port",
                        Integer.toString(port)));
        String ready = "bowstring ready on 127.0.0.1:" + port + System.lineSeparator();
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!process.output().endsWith(ready)) {
            if (process.hasEnded(POLL_INTERVAL) || System.nanoTime() > deadline) {
                String found = process.describe("not ready");
                process.close();
                throw new AssertionError(found);
            }
        }
    }

    /** Kills the process, which gets no time for anything. Idempotent. */
    @Override
    public void close() {
        if (!isKilled) {
            isKilled = true;
            process.close();
        }
    }
}
