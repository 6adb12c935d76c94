package io.bowstring.bench.peers;

import io.bowstring.bench.Quartiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A report as Markdown. Immutable. */
final class Tables {
    /** One column of the table of ratios: two with the same load. */
    private record Pair(String lane, String other) {}

    private static final List<Pair> PAIRS = List.of(
            new Pair(Lanes.BOWSTRING, Lanes.RAW),
            new Pair(Lanes.BOWSTRING, Lanes.NATS),
            new Pair(Lanes.CLIENT, Lanes.FLIGHT),
            new Pair(Lanes.CLIENT, Lanes.FLIGHT_CPP));

    private static final List<Pair> DURABLE_PAIRS = List.of(
            new Pair(Lanes.DURABLE, Lanes.BOWSTRING),
            new Pair(Lanes.DURABLE, Lanes.JETSTREAM),
            new Pair(Lanes.DURABLE_ALWAYS, Lanes.JETSTREAM_ALWAYS),
            new Pair(Lanes.DURABLE_ALWAYS, Lanes.KAFKA_ALWAYS),
            new Pair(Lanes.DURABLE_ALWAYS, Lanes.DISK),
            new Pair(Lanes.DURABLE_ALWAYS, Lanes.DISK_4M));

    static final String NOTHING = "–";
    private static final int MAX_DECIMALS = 3;

    private final Report report;

    Tables(Report report) {
        this.report = report;
    }

    /** Returns everything, with what was left out. */
    String all() {
        StringBuilder all = new StringBuilder(machine());
        Findings findings = report.findings();
        if (!findings.throughput().isEmpty()) {
            all.append("\nThroughput, and CPU of the relay's process:\n\n").append(throughput());
            String ratios = ratios();
            if (!ratios.isEmpty()) {
                all.append("\nThroughput of one ÷ that of another; bold is less than the other's:\n\n")
                        .append(ratios);
            }
        }
        if (!findings.delays().isEmpty()) {
            all.append("\nFrom when a batch was due to its receipt, in µs:\n\n").append(delays());
        }
        for (Growth kind : Growth.values()) {
            if (findings.growth().containsKey(kind)) {
                String body = Sizes.text(report.config().growthBodyBytes());
                all.append("\nMB/s and CPU s/GiB with more " + name(kind) + ", " + body + ":\n\n")
                        .append(growth(kind));
            }
        }
        return all.append(DiskTables.all(report.disk())).toString();
    }

    /** Returns what was measured where, and what was left out. */
    String machine() {
        Machine machine = report.machine();
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "%s, commit %s, %d rounds, turns of %s s; JDK %s, %s, %s, %d cores.%n",
                machine.date(),
                machine.commit(),
                report.config().rounds(),
                number(report.config().turnSeconds()),
                machine.jdk(),
                machine.kernel(),
                machine.processor(),
                machine.cores()));
        List<String> versions = report.entries().stream()
                .filter(entry -> entry.version() != null)
                .map(entry -> entry.lane() + ": " + entry.version())
                .toList();
        if (!versions.isEmpty()) {
            out.append(String.join("; ", versions)).append(".\n");
        }
        report.entries().stream()
                .filter(entry -> entry.missing() != null)
                .forEach(entry -> out.append(entry.lane() + " is left out: " + entry.missing() + "\n"));
        report.failures().forEach(failure -> out.append(failure.text() + "\n"));
        return out.toString();
    }

    private String throughput() {
        StringBuilder out = header("body", "subscribers", "lane", "MB/s", "quartiles", "batches/s", "CPU s/GiB");
        for (Delivered one : report.findings().throughput()) {
            Quartiles rate = one.bytesPerSecond().quartiles();
            row(
                    out,
                    Sizes.text(one.shape().bodyBytes()),
                    String.valueOf(one.shape().subscribers()),
                    one.lane(),
                    number(one.megabytesPerSecond()),
                    number(rate.low() / 1e6) + "–" + number(rate.high() / 1e6),
                    number(one.deliveriesPerSecond().median()),
                    number(one.cpuSecondsPerGibibyte().median()));
        }
        return out.toString();
    }

    /** Returns the throughput of Bowstring ÷ that of each other. */
    String ratios() {
        return Stream.of(PAIRS, DURABLE_PAIRS)
                .map(this::ratios)
                .filter(table -> !table.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    /** Returns a table of the pairs that were measured, where they were; empty if none was. */
    private String ratios(List<Pair> wanted) {
        List<Pair> pairs = wanted.stream()
                .filter(pair -> report.lanes().containsAll(List.of(pair.lane(), pair.other())))
                .toList();
        List<String> titles = new ArrayList<>(List.of("body", "subscribers"));
        pairs.forEach(pair -> titles.add(pair.lane() + " ÷ " + pair.other()));
        StringBuilder out = header(titles.toArray(String[]::new));
        List<Shape> shapes = report.findings().shapes().stream()
                .filter(shape ->
                        pairs.stream().anyMatch(pair -> !ratio(pair, shape).equals(NOTHING)))
                .toList();
        for (Shape shape : shapes) {
            List<String> cells =
                    new ArrayList<>(List.of(Sizes.text(shape.bodyBytes()), String.valueOf(shape.subscribers())));
            pairs.forEach(pair -> cells.add(ratio(pair, shape)));
            row(out, cells.toArray(String[]::new));
        }
        return shapes.isEmpty() ? "" : out.toString();
    }

    private String ratio(Pair pair, Shape shape) {
        return report.findings()
                .ratio(pair.lane(), pair.other(), shape)
                .map(Tables::ratio)
                .orElse(NOTHING);
    }

    /** Returns a ratio; what is less than the other's is bold. */
    static String ratio(double ratio) {
        return ratio < 1 ? "**" + number(ratio) + "**" : number(ratio);
    }

    private String delays() {
        StringBuilder out = header("body", "subscribers", "lane", "rate", "batches/s", "p50", "p99", "max", "delays");
        for (Delay delay : report.findings().delays()) {
            row(
                    out,
                    Sizes.text(delay.shape().bodyBytes()),
                    String.valueOf(delay.shape().subscribers()),
                    delay.lane(),
                    delay.rate() == Delay.Rate.HALF ? "half of its own" : "common",
                    number(delay.publishedPerSecond()),
                    number(delay.p50Micros()),
                    delay.p99Micros().map(Tables::number).orElse(NOTHING),
                    number(delay.maxMicros()),
                    String.valueOf(delay.count()));
        }
        return out.toString();
    }

    private String growth(Growth kind) {
        List<Delivered> grown = report.findings().growth().getOrDefault(kind, List.of());
        List<String> lanes = report.lanes().stream()
                .filter(lane -> grown.stream().anyMatch(one -> one.lane().equals(lane) && isGrown(one.shape())))
                .toList();
        List<String> titles = new ArrayList<>(List.of(name(kind)));
        titles.addAll(lanes);
        StringBuilder out = header(titles.toArray(String[]::new));
        for (int number : kind.numbers(report.config().growTo())) {
            Shape shape = kind.shape(report.config().growthBodyBytes(), number);
            List<String> cells = new ArrayList<>(List.of(String.valueOf(number)));
            for (String lane : lanes) {
                Optional<Delivered> one = Findings.find(grown, lane, shape);
                cells.add(one.map(Tables::rateAndCost).orElse(NOTHING));
            }
            row(out, cells.toArray(String[]::new));
        }
        return out + refusals(kind);
    }

    /** Returns who does not deliver how many, and why. */
    private String refusals(Growth kind) {
        StringBuilder out = new StringBuilder();
        for (String name : report.lanes()) {
            Lane lane = Lanes.named(name).orElseThrow();
            if (!lane.isInMemory()) {
                continue; // it is not measured with more of anything
            }
            kind.numbers(report.config().growTo()).stream()
                    .filter(number -> refusal(lane, kind, number) != null)
                    .findFirst()
                    .ifPresent(number -> out.append(
                            "\n" + name + " from " + number + " on: " + refusal(lane, kind, number) + ".\n"));
        }
        return out.toString();
    }

    private @Nullable String refusal(Lane lane, Growth kind, int number) {
        return lane.refusal(kind.shape(report.config().growthBodyBytes(), number));
    }

    /** A lane that takes no shape with more than one of what grows is left out of the table. */
    private static boolean isGrown(Shape shape) {
        return shape.allPublishers() > 1 || shape.subscribers() > 1;
    }

    private static String rateAndCost(Delivered one) {
        return number(one.megabytesPerSecond()) + "; "
                + number(one.cpuSecondsPerGibibyte().median());
    }

    static String name(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Returns a number with two digits that mean something, or all before the point; less than 0.01 with one. */
    static String number(double value) {
        int decimals = 0;
        for (double least = 10; decimals < MAX_DECIMALS && value < least; least /= 10) {
            decimals++;
        }
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** Begins a table. */
    static StringBuilder header(String... titles) {
        StringBuilder out = new StringBuilder();
        row(out, titles);
        return out.append("|---".repeat(titles.length)).append("|\n");
    }

    /** Adds a row to a table. */
    static void row(StringBuilder out, String... cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
