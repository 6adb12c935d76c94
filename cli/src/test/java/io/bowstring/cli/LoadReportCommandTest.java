package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LoadReportCommandTest {
    private static final String RESULTS = """
            LOAD_TOPICS=1
            LOAD_SUBSCRIBERS=2
            LOAD_MAX_P99_MS=%d
            BOWSTRING_SERVER_MIN_RATE=0B
            publishers: {"published_batches": 500}
            subscribers: {"received_batches": 1000, "lost": 0, "repeated": 0, "reordered": 0, "batches_per_s": 1234.000, \
            "bytes_per_s": 1048576.000, "latency_us": {"p50": 120.000, "p90": 450.000, "p99": 3000.000, "p99_9": 25000.000, \
            "max": 123456.000}}
            restarted-publisher: {"published_batches": 300}
            restarted-subscriber: {"received_batches": 301, "lost": 0, "repeated": 0, "reordered": 0, "batches_per_s": 99.000, \
            "bytes_per_s": 99.000, "latency_us": {"p50": 1.000, "p90": 1.000, "p99": 1.000, "p99_9": 1.000, "max": 1.000}}
            restarted-topic: {"batches": 301}
            """;

    private static Command run(String results, String... arguments) {
        return Command.run(results.getBytes(StandardCharsets.UTF_8), arguments);
    }

    @Test
    void writesPageOfWhatWasMeasured() {
        Command run = run(RESULTS.formatted(3), "load-report");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.text())
                .startsWith("# Load test: passed\n")
                .contains("| latency, p99, in ms | at most 3 | 3 | ok |\n")
                .contains("| subscribers | 1234 | 1 | 0.12 | 0.45 | 3 | 25 | 123 |\n")
                .contains("| `LOAD_SUBSCRIBERS` | 2 | subscribers, a multiple of the topics |\n")
                .contains("| `BOWSTRING_SERVER_MIN_RATE` | 0B | of the server |\n");
    }

    @Test
    void aMissedCheckIsExitCode1() {
        Command run = run(RESULTS.formatted(2), "load-report");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.text())
                .startsWith("# Load test: failed\n")
                .contains("| latency, p99, in ms | at most 2 | 3 | **missed** |\n");
        assertThat(run.err()).isEqualTo("bowstring: load test: 1 of 6 checks missed\n");
    }

    @Test
    void whatCannotBeReadIsExitCode1AndOneLine() {
        Command run = run("nonsense", "load-report");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("bowstring: line: nonsense (expected: ")
                .hasLineCount(1);
        assertThat(run.text()).isEmpty();
    }

    @Test
    void drawsBarForEachPercentileAndLineForEachThreshold() throws Exception {
        Command run = run(RESULTS.formatted(2), "load-report", "--svg");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.text().split("class=\"bar\"", -1)).hasSize(1 + 5);
        assertThat(run.text().split("class=\"threshold\"", -1)).hasSize(1 + 1);
        Document picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(run.text().getBytes(StandardCharsets.UTF_8)));
        assertThat(picture.getDocumentElement().getTagName()).isEqualTo("svg");
    }

    @Test
    void drawsNoBarsWhereNothingWasMeasured() {
        Command run = run("", "load-report", "--svg");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.text()).doesNotContain("class=\"bar\"").endsWith("</svg>\n");
    }

    @Test
    void helpDoesNotShowIt() {
        assertThat(Command.run("--help").text()).contains("bench").doesNotContain("load-report");
    }
}
