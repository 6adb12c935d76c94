package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code bench} against a server in this JVM; loads are short, and nothing depends on how fast they are. */
@Timeout(180)
class BenchCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Order(1) // begins first, and so ends after the server
    @RegisterExtension
    static final AfterAllCallback leaks = context -> LeakDetection.check();

    @Order(2)
    @RegisterExtension
    static final CommandServer server = new CommandServer();

    private static JsonNode report(String json) throws IOException {
        assertThat(json).hasLineCount(1);
        return JSON.readTree(json);
    }

    private static void assertFaultless(JsonNode report) {
        for (String fault : List.of("lost", "repeated", "reordered")) {
            assertThat(report.get(fault).asLong(-1)).as(fault).isZero();
        }
    }

    @Test
    void deliversAllToAllAndDeletesTheTopics() throws IOException {
        Command run = server.run("bench --subscribers 3 --publishers 2 --topics 1 --body 1KiB --rate 200/s"
                + " --duration 400ms --format json");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        JsonNode report = report(run.text());
        assertFaultless(report);
        assertThat(report.get("published_batches").asLong()).isEqualTo(100); // of 500 ms, with the warm-up
        assertThat(report.get("received_batches").asLong()).isEqualTo(300);
        assertThat(report.get("batches_per_s").asDouble()).isPositive();
        assertThat(report.get("latency_us").get("p50").asDouble()).isPositive();
        assertThat(report.get("server_cpu_s_per_gib").isNull()).isTrue();
        assertThat(server.run("topics").text()).doesNotContain("bench.");
    }

    @Test
    void measuresEachSizeAsFastAsPossible() throws IOException {
        Command run = server.run("bench --publishers 2 --topics 3 --subscribers 3 --body 1KiB,64KiB --columns 4"
                + " --duration 300ms --format json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = run.text().lines().toList();
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            JsonNode report = report(line);
            assertFaultless(report);
            assertThat(report.get("received_batches")).isEqualTo(report.get("published_batches"));
        }
        assertThat(report(lines.get(0)).get("body").asInt()).isEqualTo(1_024);
        assertThat(report(lines.get(1)).get("body").asInt()).isEqualTo(65_536);
    }

    @Test
    void writesTableForPeople() {
        Command run = server.run("bench --body 1KiB --rate 100/s --duration 200ms");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.text()).startsWith("1 publisher, 1 subscriber, 1 topic, 8 columns, 100 batches/s, 0.2 s\n");
        assertThat(run.text().lines().toList()).hasSize(4).last().asString().startsWith("  1KiB ");
    }

    @Test
    void theHalvesOfALoadMayBeTwoProcesses() throws Exception {
        String shared = " --topic halves --topics 2 --format json" + server.url();
        RunningCommand subscribers = new RunningCommand("bench --publishers 0 --subscribers 4 --duration 10m" + shared);
        subscribers.awaitErr("halves.0: there is no such topic yet");
        subscribers.awaitErr("halves.1: there is no such topic yet");

        Command publishers = Command.run(
                ("bench --publishers 3 --subscribers 0 --seal --body 1KiB --rate 300/s --duration 400ms" + shared)
                        .split(" "));

        assertThat(publishers.exitCode()).as(publishers.err()).isZero();
        assertThat(subscribers.exitCode()).as(subscribers.err()).isZero();
        JsonNode published = report(publishers.text());
        JsonNode received = report(subscribers.out());
        assertThat(published.get("published_batches").asLong()).isEqualTo(150);
        assertThat(published.get("latency_us").isNull()).isTrue();
        assertThat(received.get("received_batches").asLong()).isEqualTo(300);
        assertThat(received.get("body").asInt()).isEqualTo(1_024); // as received
        assertThat(received.get("columns").isNull()).isTrue();
        assertFaultless(received);
        assertThat(server.run("topics").text()).contains("halves.0", "halves.1");
    }

    @Test
    void subscribersAloneEndAfterTheDuration() throws Exception {
        String shared = " --topic endless --body 1KiB --format json" + server.url();
        RunningCommand subscribers = new RunningCommand("bench --publishers 0 --duration 300ms" + shared);
        subscribers.awaitErr("endless.0: there is no such topic yet");

        Command publishers = Command.run(("bench --subscribers 0 --rate 100/s --duration 2s" + shared).split(" "));

        assertThat(subscribers.exitCode()).as(subscribers.err()).isZero();
        assertFaultless(report(subscribers.out()));
        assertThat(publishers.exitCode()).as(publishers.err()).isZero();
    }

    @Test
    void sealsTopicsThatAreAgreedOn() {
        Command run = server.run("bench --topic agreed --body 1KiB --rate 50/s --duration 200ms --format json");
        Command again = server.run("bench --topic agreed --body 1KiB --rate 50/s --duration 200ms --format json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).startsWith("bowstring: TOPIC_SEALED: ").hasLineCount(1);
    }

    @Test
    void whatIsLostRepeatedOrReorderedIsAnError() throws Exception {
        RunningCommand subscribers =
                new RunningCommand("bench --publishers 0 --topic wrong --duration 10m --format json" + server.url());
        subscribers.awaitErr("wrong.0: there is no such topic yet");
        byte[] batches =
                Streams.of(Streams.schema("n"), stamped(0), stamped(3), stamped(2), stamped(3), stamped(3), stamped(5));

        assertThat(server.run(batches, "publish", "wrong.0", "--seal").exitCode())
                .isZero();

        assertThat(subscribers.exitCode()).isEqualTo(1);
        assertThat(subscribers.err())
                .endsWith("bowstring: batches lost: 2, repeated: 2, reordered: 1 (expected: none)\n");
        JsonNode report = report(subscribers.out());
        assertThat(report.get("lost").asInt()).isEqualTo(2);
        assertThat(report.get("repeated").asInt()).isEqualTo(2);
        assertThat(report.get("reordered").asInt()).isEqualTo(1);
    }

    /** Returns a batch as it is published by bench: of stream 7, due at the beginning of the epoch, one that counts. */
    private static IpcRecordBatch stamped(long sequence) {
        return Streams.batch(7, sequence, 0, 1);
    }

    @Test
    void batchesOfOthersAreAnError() throws Exception {
        RunningCommand subscribers =
                new RunningCommand("bench --publishers 0 --topic foreign --duration 10m --format json" + server.url());
        subscribers.awaitErr("foreign.0: there is no such topic yet");

        server.run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish", "foreign.0");

        assertThat(subscribers.exitCode()).isEqualTo(1);
        assertThat(subscribers.err())
                .endsWith("bowstring: body of a batch: 8 bytes (expected: one that bench has published)\n");
        assertThat(subscribers.out()).isEmpty();
    }

    @Test
    void publishersAloneWaitForSubscribers() throws Exception {
        String shared = " --topic awaited --topics 2 --body 1KiB --format json" + server.url();
        RunningCommand publishers =
                new RunningCommand("bench --publishers 2 --subscribers 0 --await-subscribers 4 --seal"
                        + " --rate 1000/s --duration 100ms" + shared);
        while (!server.run("topics --format json").text().contains("awaited.1")) {
            Thread.onSpinWait();
        }

        Command subscribers = Command.run(("bench --publishers 0 --subscribers 4 --duration 10m" + shared).split(" "));

        assertThat(publishers.exitCode()).as(publishers.err()).isZero();
        assertThat(subscribers.exitCode()).as(subscribers.err()).isZero();
        JsonNode received = report(subscribers.text());
        assertThat(received.get("received_batches").asLong())
                .isEqualTo(2 * report(publishers.out()).get("published_batches").asLong());
        assertFaultless(received);
    }

    @Test
    void thoseWhoDisturbHarmNobody() throws IOException {
        Command run =
                server.run("bench --stalled 1 --garbage 2 --body 64KiB --rate 200/s --duration 500ms --format json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("bowstring: disturbed by ", " that took nothing, ", " that sent no Arrow");
        JsonNode report = report(run.text());
        assertFaultless(report);
        assertThat(report.get("received_batches")).isEqualTo(report.get("published_batches"));
    }

    @Test
    void thoseWhoDisturbTheLoadOfOthersEndAfterTheDuration() throws IOException {
        Command run = server.run(
                "bench --publishers 0 --subscribers 0 --stalled 1 --garbage 2 --topic t --duration 100ms --format json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = report(run.text());
        assertThat(report.get("stalled").asInt()).isEqualTo(1);
        assertThat(report.get("stalled_subscriptions").asInt(-1)).isZero(); // there is no topic
        assertThat(report.get("garbage").asInt()).isEqualTo(2);
    }

    @Test
    void garbageAloneNeedsNoTopic() throws IOException {
        Command run = server.run("bench --publishers 0 --subscribers 0 --garbage 1 --duration 100ms --format json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(report(run.text()).get("garbage").asInt()).isEqualTo(1);
    }
}
