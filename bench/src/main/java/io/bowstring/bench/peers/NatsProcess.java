package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@code nats-server} with the longest messages that it does not warn of. */
final class NatsProcess implements RelayProcess {
    /** The server warns of a larger {@code max_payload}. */
    static final int MAX_PAYLOAD_BYTES = 8 << 20;

    /** The server cuts a subscriber that has more bytes pending. {@link NatsWindow} stays below this. */
    private static final int MAX_PENDING_BYTES = 256 << 20;

    private static final Pattern LISTENS = Pattern.compile("Listening for client connections on .*:([0-9]+)$");

    private final Child child;

    private NatsProcess(String program, String moreSettings) throws IOException, InterruptedException {
        Path settings = Files.createTempFile("bowstring-bench", ".conf");
        try {
            Files.writeString(settings, """
                    host: 127.0.0.1
                    port: -1
                    max_payload: %d
                    max_pending: %d
                    %s
                    """.formatted(MAX_PAYLOAD_BYTES, MAX_PENDING_BYTES, moreSettings));
            child = new Child(LISTENS, List.of(program, "-c", settings.toString()));
        } finally {
            Files.delete(settings);
        }
    }

    /** Starts one with these settings, and more lines of them. */
    static NatsProcess start(Programs programs, String moreSettings) throws IOException, InterruptedException {
        return new NatsProcess(Objects.requireNonNull(programs.natsServer(), "nats-server"), moreSettings);
    }

    /** Returns why there is none here and how to install it, or null if there is one. */
    static @Nullable String missing(Programs programs) {
        String program = programs.natsServer();
        String remedy = "; install it: apt-get install nats-server, or set " + Programs.NATS_SERVER + " to the program";
        if (program == null) {
            return "no nats-server on the PATH" + remedy;
        }
        return version(programs) != null ? null : program + " --version fails" + remedy;
    }

    /** Returns what it says of itself, or null where it does not run. */
    static @Nullable String version(Programs programs) {
        return programs.output(Objects.requireNonNull(programs.natsServer(), "nats-server"), "--version");
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
