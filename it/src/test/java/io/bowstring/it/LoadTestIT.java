package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker/load-test.sh --local} finds what a server does wrong; that a good one passes is part of the gate. */
class LoadTestIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int ONE_IN = 10_000;

    /**
     * 45,000 batches with the warm-up, and the last of them is not one that is dropped: the end of a stream alone does not show.
     * A slow machine publishes for twice the time, and two of the drops are then enough.
     */
    private static final String SCENARIO = """
            LOAD_PUBLISHERS=1
            LOAD_SUBSCRIBERS=1
            LOAD_TOPICS=1
            LOAD_BODY=256B
            LOAD_COLUMNS=2
            LOAD_RATE=4000/s
            LOAD_DURATION=9s
            LOAD_STALLED=0
            LOAD_GARBAGE=0
            LOAD_RESTARTED_RATE=20/s
            LOAD_RESTARTED_AFTER=1
            """;

    @TempDir
    private Path folder;

    private ClientProcess start(String url, String scenario) throws IOException {
        Path file = Files.writeString(folder.resolve("short.env"), scenario);
        return ClientProcess.start(
                Project.ROOT,
                LaunchedServer.JVM_OPTIONS,
                List.of(
                        "docker/load-test.sh",
                        "--local",
                        "--url",
                        url,
                        "--report",
                        folder.resolve("report").toString(),
                        file.toString()));
    }

    @Test
    void aServerThatDropsOneBatchIn10000Fails() throws IOException {
        // Peers of a machine that does much else may be slow to begin.
        String serve = "env BOWSTRING_SERVER_REQUEST_TIMEOUT=5m ./bowstring serve";
        try (LaunchedServer server = new LaunchedServer(Project.ROOT, serve);
                LossyProxy proxy = new LossyProxy(server.port(), ONE_IN);
                ClientProcess test = start("bowstring://127.0.0.1:" + proxy.port(), SCENARIO)) {
            assertThat(test.hasEnded(TIMEOUT)).as(test.describe("ended")).isTrue();

            assertThat(proxy.dropped()).isPositive();
            assertThat(test.process().exitValue()).as(test.describe("exit")).isEqualTo(1);
            assertThat(test.output())
                    .startsWith("# Load test: failed\n")
                    .contains("| each subscriber: lost, repeated, reordered | 0, 0, 0 | " + proxy.dropped()
                            + ", 0, 0 | **missed** |\n")
                    .contains(
                            "| the subscriber whose publisher is killed: lost, repeated, reordered | 0, 0, 0 | 0, 0, 0 | ok |\n");
            assertThat(folder.resolve("report/latency.svg")).content().contains("class=\"bar\"");
        }
    }
}
