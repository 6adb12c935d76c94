package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bowstring.codec.LeakDetection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(LeakDetection.class)
@Timeout(600)
class PeersTest {
    private static final Map<String, String> NOTHING_INSTALLED =
            Map.of(Programs.PYTHON, "/nowhere/python", Programs.NATS_SERVER, "/nowhere/nats-server");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                Lanes.RAW,
                Lanes.BOWSTRING,
                Lanes.CLIENT,
                Lanes.FLIGHT,
                Lanes.DURABLE,
                Lanes.DURABLE_ALWAYS,
                Lanes.KAFKA_ALWAYS,
                Lanes.DISK,
                Lanes.DISK_4M
            })
    void everyLaneOfJavaDeliversWhatWasPublished(String name) throws Exception {
        LaneCheck.deliversWhatIsPublished(Lanes.named(name).orElseThrow(), new Programs(NOTHING_INSTALLED), folder);
    }

    /** Those of Java are tested here, the others in LanesIT. */
    @Test
    void everyLaneIsTested() {
        assertThat(Lanes.ALL)
                .extracting(Lane::name)
                .containsExactly(
                        Lanes.RAW,
                        Lanes.BOWSTRING,
                        Lanes.CLIENT,
                        Lanes.FLIGHT,
                        Lanes.FLIGHT_CPP,
                        Lanes.NATS,
                        Lanes.DURABLE,
                        Lanes.DURABLE_ALWAYS,
                        Lanes.JETSTREAM,
                        Lanes.JETSTREAM_ALWAYS,
                        Lanes.KAFKA_ALWAYS,
                        Lanes.DISK,
                        Lanes.DISK_4M);
    }

    @Test
    void aRunSaysEverythingAndWhatItLeftOut() throws Exception {
        Path docs = Files.createDirectories(folder.resolve("docs/benchmarks")).getParent();
        Files.writeString(
                docs.resolve("benchmarks.md"),
                "# B\n<!-- ratios begin -->\nold\n<!-- ratios end -->\nkept\n<!-- pictures begin -->\n<!-- pictures end -->\n");
        Files.writeString(docs.resolve("benchmarks/details.md"), "<!-- peers begin -->\n<!-- peers end -->\n");

        int code = run(
                NOTHING_INSTALLED,
                "--rounds=1",
                "--seconds=0.01",
                "--body=1KiB",
                "--subscribers=1,2",
                "--grow-to=4",
                "--disk=" + folder,
                "--stored=1MiB",
                "--json=" + folder.resolve("run.json"),
                "--docs=" + docs);

        assertThat(err.toString())
                .contains("FLIGHT_CPP is left out: no pyarrow in /nowhere/python; install it: ")
                .contains(
                        "NATS is left out: /nowhere/nats-server --version fails; install it: apt-get install nats-server");
        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("NATS is left out: ", "| 1 KiB | 2 | CLIENT | ", "| 1 KiB | 1 | FLIGHT | common | ")
                .contains("| body | subscribers | BOWSTRING ÷ RAW | CLIENT ÷ FLIGHT |")
                .contains(
                        "| body | subscribers | DURABLE ÷ BOWSTRING |",
                        "| REPLAY | ",
                        "| four that replay | ",
                        "| four at SENDFILE | ",
                        "| lost | ")
                .contains("RAW from 4 on: the bytes of several publishers cannot be told apart.")
                .doesNotContain("DURABLE from ");
        JsonNode json = new ObjectMapper().readTree(folder.resolve("run.json").toFile());
        assertThat(json.at("/throughput")).hasSize(2 * 4 + 3);
        assertThat(json.at("/throughput/0/ratio_to_raw/median").asDouble()).isEqualTo(1);
        assertThat(json.at("/latency")).hasSize(2 * 4);
        assertThat(json.at("/lanes/5/left_out").asText()).contains("apt-get install nats-server");
        assertThat(json.at("/growth/subscribers")).hasSize(2 * 4 + 3);
        assertThat(json.at("/growth/topics")).hasSize(4 + 3);
        assertThat(json.at("/growth/publishers")).hasSize(4 + 3 + 2);
        assertThat(json.at("/replay/bytes").asLong()).isGreaterThan(1 << 20);
        assertThat(json.at("/replay/ratio_to_sendfile/median").asDouble()).isPositive();
        assertThat(json.at("/replay/live_beside_replay/delays").asInt()).isEqualTo(50);
        assertThat(json.at("/replay/live_beside_sendfile/delays").asInt()).isEqualTo(50);
        assertThat(json.at("/recovery/without_indexes_s_per_gib/median").asDouble())
                .isPositive();
        assertThat(folder).isDirectoryNotContaining("glob:**bowstring-bench-*");
        assertThat(docs.resolve("benchmarks/throughput.svg")).content().contains("<svg", "</svg");
        assertThat(docs.resolve("benchmarks/subscribers.svg")).content().contains("<svg", "</svg");
        assertThat(docs.resolve("benchmarks.md"))
                .content()
                .contains("| 1 KiB | 1 | ", "kept", "(benchmarks/throughput.svg)")
                .doesNotContain("old");
        assertThat(docs.resolve("benchmarks/details.md")).content().contains("| 1 KiB | 2 | CLIENT | ");
    }

    @Test
    void aLaneThatFailsIsShownAndTheRunFails() throws Exception {
        Path server = folder.resolve("nats-server");
        Files.writeString(server, "#!/bin/sh\n[ \"$1\" = --version ] && echo v1 && exit\necho no room\nexit 1\n");
        assertThat(server.toFile().setExecutable(true)).isTrue();

        int code = run(
                Map.of(Programs.NATS_SERVER, server.toString()),
                "--rounds=1",
                "--seconds=0.01",
                "--body=1KiB",
                "--subscribers=1",
                "--lanes=RAW,NATS",
                "--parts=throughput,latency",
                "--json=" + folder.resolve("run.json"));

        String reason = "java.io.IOException: relay: ended (expected: an answer); it printed: no room";
        assertThat(code).as(err.toString()).isEqualTo(1);
        assertThat(err.toString()).contains("NATS failed to start: " + reason);
        assertThat(out.toString()).contains("NATS failed to start: " + reason, "| 1 KiB | 1 | RAW | ");
        JsonNode json = new ObjectMapper().readTree(folder.resolve("run.json").toFile());
        assertThat(json.at("/failures/0/lane").asText()).isEqualTo("NATS");
        assertThat(json.at("/failures/0/reason").asText()).isEqualTo(reason);
        assertThat(json.at("/latency")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--rounds=0 | --rounds: 0 (expected: 1 to 1000)",
                "--rounds=many | --rounds: many (expected: 1 to 1000)",
                "--seconds=0 | --seconds: 0 (expected: 0.01 to 60.0)",
                "--seconds=soon | --seconds: soon (expected: 0.01 to 60.0)",
                "--body=64KB | --body: 64KB (expected: 1KiB to 32MiB, in B, KiB or MiB)",
                "--body=1KiB,1B | --body: 1B (expected: 1KiB to 32MiB, in B, KiB or MiB)",
                "--body=33MiB | --body: 33MiB (expected: 1KiB to 32MiB, in B, KiB or MiB)",
                "--subscribers=1,257 | --subscribers: 257 (expected: 1 to 256)",
                "--subscribers=4,4 | --subscribers: 4,4 (expected: each once)",
                "--lanes=KAFKA | --lanes: KAFKA (expected: of RAW, BOWSTRING, CLIENT, FLIGHT, FLIGHT_CPP, NATS, DURABLE, DURABLE_ALWAYS, JETSTREAM, JETSTREAM_ALWAYS, KAFKA_ALWAYS, DISK, DISK_4M)",
                "--parts=all | --parts: all (expected: of throughput, latency, growth, replay, recovery)",
                "--disk=/nowhere | --disk: /nowhere (expected: a folder that exists and can be written to)",
                "--stored=1KiB | --stored: 1KiB (expected: 1MiB to 3GiB, in B, KiB, MiB or GiB)",
                "--stored=4GiB | --stored: 4GiB (expected: 1MiB to 3GiB, in B, KiB, MiB or GiB)",
                "--grow-to=0 | --grow-to: 0 (expected: 1 to 1000)",
                "--json=/nowhere/run.json | --json: /nowhere/run.json (expected: a file in a folder that exists and can be written to)",
                "--docs=/nowhere | --docs: /nowhere/benchmarks.md (expected: a document)",
                "--nonsense=1 | Unknown option: '--nonsense=1'",
            })
    void refusesWhatMeansNothing(String option, String message) {
        assertThat(run(NOTHING_INSTALLED, option)).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo(message);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void refusesToWritePagesOfHalfARunOrWithoutMarks() throws Exception {
        assertThat(run(NOTHING_INSTALLED, "--docs=docs", "--parts=latency")).isEqualTo(2);
        assertThat(err.toString()).contains("--docs: docs (expected: all parts; --parts)");

        Files.writeString(folder.resolve("benchmarks.md"), "<!-- ratios begin -->\n<!-- ratios end -->\n");
        assertThat(run(NOTHING_INSTALLED, "--docs=" + folder)).isEqualTo(2);
        assertThat(err.toString()).contains("benchmarks.md: no pictures (expected: the comments ");
    }

    @Test
    void refusesToMeasureNobody() {
        assertThat(run(NOTHING_INSTALLED, "--lanes=NATS")).isEqualTo(2);
        assertThat(err.toString()).contains("--lanes: none of them can run here (expected: one at least)");
    }

    @ParameterizedTest
    @CsvSource({
        "nats-server: v2.9.10, false",
        "nats-server: v2.10.0, true",
        "nats-server: v3.0.1, true",
        "nats-server: main, true",
    })
    void jetStreamSyncsFromTwoTenOn(String version, boolean canSync) {
        assertThat(JetStreamLane.canSync(version)).isEqualTo(canSync);
    }

    @Test
    void measuresADurableTopicWithoutAnyLane() {
        int code = run(
                NOTHING_INSTALLED,
                "--rounds=1",
                "--seconds=2",
                "--parts=replay,recovery",
                "--disk=" + folder,
                "--stored=20MiB");

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("| SENDFILE | ", "| nobody | ", "| there | ")
                .doesNotContain("| – |", "RAW");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void findsNatsOnThePath() throws Exception {
        Path server = Files.createFile(folder.resolve("nats-server"));
        Map<String, String> environment = new HashMap<>(Map.of("PATH", "/nowhere:" + folder));

        assertThat(new Programs(environment).natsServer()).isNotEqualTo(server.toString());
        assertThat(server.toFile().setExecutable(true)).isTrue();
        assertThat(new Programs(environment).natsServer()).isEqualTo(server.toString());
    }

    private int run(Map<String, String> environment, String... args) {
        CommandLine command = Peers.command(environment);
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(args);
    }
}
