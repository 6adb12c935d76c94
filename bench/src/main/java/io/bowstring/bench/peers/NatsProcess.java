package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** A {@code nats-server} with the longest messages that it does not warn of. */
final class NatsProcess implements RelayProcess {
    /** The server warns of a larger {@code max_payload}. */
    static final int MAX_PAYLOAD_BYTES = 8 << 20;

    /** The server cuts a subscriber that has more bytes pending. {@link NatsWindow} stays below this. */
    private static final int MAX_PENDING_BYTES = 256 << 20;

    private static final Pattern LISTENS = Pattern.compile("Listening for client connections on .*:([0-9]+)$");

    private final Child child;

    NatsProcess(String program) throws IOException, InterruptedException {
        Path settings = Files.createTempFile("bowstring-bench", ".conf");
        try {
            Files.writeString(settings, """
                    host: 127.0.0.1
                    port: -1
                    max_payload: %d
                    max_pending: %d
                    """.formatted(MAX_PAYLOAD_BYTES, MAX_PENDING_BYTES));
            child = new Child(LISTENS, List.of(program, "-c", settings.toString()));
        } finally {
            Files.delete(settings);
        }
    }

    @Override
    public int port() {
        return child.port();
    }

    /** Returns the CPU time in the system's ticks, of 10 ms on Linux. */
    @Override
    public double cpuSeconds() {
        return child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    @Override
    public List<String> log() {
        return child.log();
    }

    @Override
    public void close() {
        child.close();
    }
}
