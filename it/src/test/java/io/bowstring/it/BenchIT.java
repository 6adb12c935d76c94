package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./bowstring bench} as a user has it. How fast it is does not matter here. */
class BenchIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);
    private static final Duration STALL = Duration.ofMillis(1_500);

    /** Progress is shown though nobody sees it. */
    private static final Map<String, String> TERMINAL =
            Map.of("BOWSTRING_JAVA_OPTS", LaunchedServer.FIRST_COMPILER + " -Dbowstring.terminal=true");

    private static ClientProcess start(Map<String, String> environment, String options) throws IOException {
        List<String> command = new ArrayList<>(List.of("./bowstring", "bench", "--format", "json"));
        command.addAll(List.of(options.split(" ")));
        return ClientProcess.start(Project.ROOT, environment, command);
    }

    private static JsonNode report(String output) throws IOException {
        assertThat(output).hasLineCount(1);
        return JSON.readTree(output);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--body 64KiB --subscribers 4 --duration 1s",
                "--body 64KiB --subscribers 4 --publishers 4 --topics 8 --duration 1s",
                "--body 1KiB --subscribers 4 --publishers 4 --topics 8 --duration 1s"
            })
    void nothingIsLostRepeatedOrReordered(String options) throws IOException {
        try (ClientProcess bench = start(LaunchedServer.JVM_OPTIONS, options)) {
            JsonNode report = report(bench.await(TIMEOUT));

            assertThat(report.get("lost").asLong(-1)).isZero();
            assertThat(report.get("repeated").asLong(-1)).isZero();
            assertThat(report.get("reordered").asLong(-1)).isZero();
            assertThat(report.get("subscribers").asInt()).isEqualTo(4);
            assertThat(report.get("received_batches").asLong()).isPositive();
            assertThat(report.get("latency_us").fieldNames())
                    .toIterable()
                    .containsExactly("p50", "p90", "p99", "p99_9", "max");
            assertThat(report.get("server_memory_bytes").asLong()).isPositive();
        }
    }

    /** It is for nobody else. */
    @Test
    void itsServerListensOnThisMachineAloneWhateverTheEnvironmentSays() throws IOException {
        Map<String, String> environment = new HashMap<>(LaunchedServer.JVM_OPTIONS);
        environment.put("BOWSTRING_SERVER_HOST", "no.such.host.invalid");
        environment.put("BOWSTRING_SERVER_UNIX", "/no/such/folder/socket");
        try (ClientProcess bench = start(environment, "--duration 200ms")) {
            assertThat(report(bench.await(TIMEOUT)).get("lost").asLong(-1)).isZero();
        }
    }

    /**
     * A fifth of what is due in five seconds is due at least half a second before the server continues. A publisher that is held
     * up has not sent so much, as its 16 MiB in flight are about a quarter of a second.
     */
    @Test
    void aServerThatStandsStillShowsInTheLatency() throws IOException {
        try (LaunchedServer server = new LaunchedServer(Project.ROOT, "./bowstring serve");
                ClientProcess bench = start(
                        TERMINAL,
                        "--rate 1000/s --body 64KiB --duration 5s --url bowstring://127.0.0.1:" + server.port())) {
            while (!bench.errors().contains(" of 5.0 s")) {
                assertThat(bench.hasEnded(POLL_INTERVAL))
                        .as(bench.describe("ended"))
                        .isFalse();
            }
            server.signal("STOP");
            try {
                assertThat(bench.hasEnded(STALL)).as(bench.describe("ended")).isFalse();
            } finally {
                server.signal("CONT");
            }
            JsonNode report = report(bench.await(TIMEOUT));

            assertThat(report.get("latency_us").get("p90").asDouble()).isGreaterThan(500_000);
            assertThat(report.get("lost").asLong(-1)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM", "INT"})
    void itsServerEndsWithIt(String signal) throws Exception {
        try (ClientProcess bench = start(TERMINAL, "--body 1KiB --rate 100/s --duration 10m")) {
            while (!bench.errors().contains("warming up")) {
                assertThat(bench.hasEnded(POLL_INTERVAL))
                        .as(bench.describe("ended"))
                        .isFalse();
            }
            List<ProcessHandle> servers = bench.process().descendants().toList();
            assertThat(servers).hasSize(1);

            Signals.send(signal, bench.process().pid());

            assertThat(bench.hasEnded(TIMEOUT)).isTrue();
            servers.get(0).onExit().get();
        }
    }
}
