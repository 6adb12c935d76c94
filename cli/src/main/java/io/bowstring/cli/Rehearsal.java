package io.bowstring.cli;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A server and one run of each command against it, in one JVM, which thereby learns the classes that an archive shall have. The
 * launcher runs it, and the build of the distribution; a user never does. Confined to the main thread.
 */
final class Rehearsal {
    private static final String ROWS = "time,symbol,price\n2026-01-01T00:00:00Z,ABC,1.5\n2026-01-01T00:00:01Z,XYZ,2\n";

    private final StandardStreams streams = new StandardStreams(
            new ByteArrayInputStream(ROWS.getBytes(StandardCharsets.UTF_8)),
            OutputStream.nullOutputStream(),
            new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true),
            false,
            false);
    private final Map<String, String> environment;

    Rehearsal(String url) {
        environment = Map.of("BOWSTRING_URL", url);
    }

    /** Exits with 0 if all commands did. */
    public static void main(String[] args) throws Exception {
        int exitCode;
        try (Server server = Server.start(ServerConfig.load(null, Map.of(), Map.of("port", "0")))) {
            exitCode = new Rehearsal("bowstring://127.0.0.1:" + server.address().getPort()).run();
        }
        System.exit(exitCode);
    }

    /** Returns the highest exit code. */
    int run() {
        return lines().stream()
                .mapToInt(line -> Bowstring.run(streams, environment, line.split(" ")))
                .max()
                .orElseThrow();
    }

    /** Returns the command lines that it runs, one after another. */
    static List<String> lines() {
        return List.of(
                "--version",
                "--help",
                "publish rehearsal - --input-format csv",
                "subscribe rehearsal --from earliest --limit 1",
                "subscribe rehearsal --from earliest --limit 1 --format json",
                "subscribe rehearsal --from earliest --limit 1 --format csv",
                "subscribe rehearsal --from earliest --limit 1 --format arrow",
                "topics",
                "topics --format json",
                "delete rehearsal");
    }
}
