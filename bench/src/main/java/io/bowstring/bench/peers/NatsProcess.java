package io.bowstring.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code nats-server} with the longest messages that it does not warn of. */
final class NatsProcess implements RelayProcess {
    /** Of more than this the server says that it is discouraged. */
    static final int MAX_PAYLOAD_BYTES = 8 << 20;

    /** What a subscriber may be late before it is cut: more than {@link NatsWindow} lets be underway. */
    private static final int MAX_PENDING_BYTES = 256 << 20;

    private static final Pattern LISTENS = Pattern.compile("Listening for client connections on .*:([0-9]+)$");

    private final Process process;
    private final int port;

    NatsProcess(String program) throws IOException {
        Path settings = Files.createTempFile("bowstring-bench", ".conf");
        try {
            Files.writeString(settings, """
                    host: 127.0.0.1
                    port: -1
                    max_payload: %d
                    max_pending: %d
                    """.formatted(MAX_PAYLOAD_BYTES, MAX_PENDING_BYTES));
            process = new ProcessBuilder(program, "-c", settings.toString())
                    .redirectErrorStream(true)
                    .start();
            port = awaitPort();
        } finally {
            Files.delete(settings);
        }
    }

    /** Reads the log until it names the port; a thread of its own reads the rest. */
    private int awaitPort() throws IOException {
        BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String last = "";
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            Matcher listens = LISTENS.matcher(line);
            if (listens.find()) {
                Thread rest = new Thread(() -> discard(log), "bench-nats-log");
                rest.setDaemon(true);
                rest.start();
                return Integer.parseInt(listens.group(1));
            }
            last = line;
        }
        throw new IOException("nats-server has ended: " + last);
    }

    private static void discard(BufferedReader log) {
        try (log) {
            while (log.readLine() != null) {
                // nobody reads it
            }
        } catch (IOException e) {
            // the process has been closed
        }
    }

    @Override
    public int port() {
        return port;
    }

    /** Returns the CPU time in the system's ticks, of 10 ms on Linux. */
    @Override
    public double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    @Override
    public void close() {
        process.destroy();
        Ending.await(process);
    }
}
