package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.bench.Rounds;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TablesTest {
    private static final Shape SHAPE = Shape.of(1_000_000, 4);

    @Test
    void ratiosAreOfTheSameRoundAndUnfavourableOnesAreBold() {
        Report report = report(
                delivered(Lanes.RAW, 1_000, 400, 200),
                delivered(Lanes.BOWSTRING, 500, 100, 100),
                delivered(Lanes.CLIENT, 400, 100, 20),
                delivered(Lanes.FLIGHT, 100, 50, 10));

        assertThat(new Tables(report).ratios()).isEqualTo("""
                        | body | subscribers | BOWSTRING ÷ RAW | CLIENT ÷ FLIGHT |
                        |---|---|---|---|
                        | 1000000 B | 4 | **0.50** | 2.0 |
                        """);
    }

    @Test
    void lanesWithADiskHaveATableOfTheirOwn() {
        Report report = report(
                delivered(Lanes.BOWSTRING, 100, 400, 200),
                delivered(Lanes.DURABLE, 80, 400, 180),
                delivered(Lanes.DURABLE_ALWAYS, 50, 60, 100),
                delivered(Lanes.JETSTREAM, 40, 200, 60),
                delivered(Lanes.KAFKA_ALWAYS, 20, 30, 20),
                delivered(Lanes.DISK_4M, 100, 100, 100));

        assertThat(new Tables(report).ratios()).isEqualTo("""
                        | body | subscribers | DURABLE ÷ BOWSTRING | DURABLE ÷ JETSTREAM | DURABLE_ALWAYS ÷ KAFKA_ALWAYS | DURABLE_ALWAYS ÷ DISK_4M |
                        |---|---|---|---|---|---|
                        | 1000000 B | 4 | **0.90** | 2.0 | 2.5 | **0.60** |
                        """);
    }

    @Test
    void throughputIsInMegabytesOfBodiesThatSubscribersGot() {
        Report report = report(delivered(Lanes.RAW, 1_000, 1_000, 1_000), delivered(Lanes.BOWSTRING, 250, 500, 750));

        assertThat(new Tables(report).all()).contains("| 1000000 B | 4 | BOWSTRING | 500 | 250–750 | 500 | 2.0 |");
    }

    @Test
    void numbersKeepTwoDigits() {
        assertThat(List.of(1234.4, 12.3, 1.23, 0.123, 0.0123, 0.00123))
                .extracting(Tables::number)
                .containsExactly("1,234", "12", "1.2", "0.12", "0.012", "0.001");
        assertThat(List.of(Tables.ratio(0.99), Tables.ratio(1.0))).containsExactly("**0.99**", "1.0");
    }

    private static Delivered delivered(String lane, double... rates) {
        Rounds rate = new Rounds();
        Rounds bytes = new Rounds();
        Rounds cpu = new Rounds();
        for (double one : rates) {
            rate.add(one);
            bytes.add(one * 1_000_000);
            cpu.add(2);
        }
        return new Delivered(lane, SHAPE, rate, bytes, cpu);
    }

    private static Report report(Delivered... throughput) {
        List<Entry> entries = List.of(throughput).stream()
                .map(one -> new Entry(one.lane(), "1", null))
                .toList();
        PeersConfig config =
                new PeersConfig(EnumSet.of(Part.THROUGHPUT), 3, List.of(1_000_000), List.of(4), 1, 1, Path.of(""), 1);
        Machine machine = new Machine("2026-01-01", "abc", "17", "Linux", "one", 2);
        Findings findings = new Findings(List.of(throughput), List.of(), Map.of(), List.of());
        return new Report(config, machine, entries, findings, new DiskFindings(null, null, List.of()));
    }
}
