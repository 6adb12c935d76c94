package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private static BenchPlan plan(Parties parties, double rate) {
        return new BenchPlan(
                parties,
                BodySize.parse("64KiB"),
                8,
                new TargetRate(rate, Duration.ofSeconds(5)),
                BenchTopics.ofOneRun());
    }

    private static final BenchReport WHOLE = new BenchReport(
            plan(new Parties(1, 4, 2), 500),
            65_536,
            new BenchReport.Flow(600, 500),
            new BenchReport.Delivery(
                    new BenchReport.Flow(2_400, 2_000.25),
                    new Latency(100, 250.5, 1_000, 20_000, 123_456),
                    Faults.NONE),
            new BenchReport.ServerUse(0.5, 200L << 20));

    private static final BenchReport PUBLISHERS_ALONE = new BenchReport(
            plan(new Parties(1, 0, 1), Double.POSITIVE_INFINITY),
            65_536,
            new BenchReport.Flow(600, 100),
            new BenchReport.Delivery(new BenchReport.Flow(0, 0), null, Faults.NONE),
            new BenchReport.ServerUse(null, null));

    @Test
    void jsonHasTheAgreedNames() {
        assertThat(ReportJson.of(WHOLE))
                .isEqualTo("{\"body\": 65536, \"publishers\": 1, \"subscribers\": 4, \"topics\": 2,"
                        + " \"batches_per_s\": 2000.250, \"bytes_per_s\": 131088384.000,"
                        + " \"latency_us\": {\"p50\": 100.000, \"p90\": 250.500, \"p99\": 1000.000, \"p99_9\": 20000.000,"
                        + " \"max\": 123456.000}, \"server_cpu_s_per_gib\": 0.500,"
                        + " \"lost\": 0, \"repeated\": 0, \"reordered\": 0, \"server_memory_bytes\": 209715200,"
                        + " \"published_batches_per_s\": 500.000, \"published_bytes_per_s\": 32768000.000,"
                        + " \"published_batches\": 600, \"received_batches\": 2400, \"columns\": 8,"
                        + " \"rate\": 500.000, \"duration_s\": 5.000}");
    }

    @Test
    void jsonSaysNullForWhatIsNotKnown() {
        assertThat(ReportJson.of(PUBLISHERS_ALONE))
                .contains("\"batches_per_s\": null, \"bytes_per_s\": null, \"latency_us\": null,"
                        + " \"server_cpu_s_per_gib\": null, \"lost\": 0")
                .contains("\"server_memory_bytes\": null, \"published_batches_per_s\": 100.000")
                .contains("\"received_batches\": null")
                .contains("\"rate\": null");
    }

    @Test
    void tableFitsATerminal() {
        assertThat(ReportTable.head(WHOLE.plan()))
                .isEqualToNormalizingNewlines("1 publisher, 4 subscribers, 2 topics, 8 columns, 500 batches/s, 5.0 s\n"
                        + "latency in ms; server: CPU seconds per GiB received, peak memory in MiB\n"
                        + "  body  batches/s    MiB/s     p50     p90     p99   p99.9     max  s/GiB    MiB");
        assertThat(ReportTable.line(WHOLE))
                .isEqualTo(" 64KiB       2000      125   0.100   0.251    1.00    20.0     123  0.500    200");
        assertThat(ReportTable.line(PUBLISHERS_ALONE))
                .isEqualTo(" 64KiB        100     6.25       -       -       -       -       -      -      -");
    }

    @Test
    void latencyIsOfTheHistogram() {
        Histogram nanos = new Histogram(3);
        for (int millis = 1; millis <= 1_000; millis++) {
            nanos.recordValue(TimeUnit.MILLISECONDS.toNanos(millis));
        }

        Latency latency = Latency.of(nanos);

        assertThat(latency.p50()).isBetween(500_000.0, 501_000.0);
        assertThat(latency.p90()).isBetween(900_000.0, 901_000.0);
        assertThat(latency.p99()).isBetween(990_000.0, 991_000.0);
        assertThat(latency.p999()).isBetween(999_000.0, 1_000_000.0);
        assertThat(latency.max()).isBetween(1_000_000.0, 1_001_000.0);
        assertThat(Latency.of(new Histogram(3))).isNull();
    }
}
