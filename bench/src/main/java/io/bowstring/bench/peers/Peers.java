package io.bowstring.bench.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code bench/run peers}. Confined to the main thread. */
@Command(
        name = "bench/run peers",
        description = "Measures Bowstring beside what one would use instead, in one run; see docs/benchmarks.md.",
        sortOptions = false)
final class Peers implements Callable<Integer> {
    private static final String PICTURES = """
            ![Throughput](benchmarks/throughput.svg)

            A batch's delay counts from when it was due, also if its publisher was late to send it: coordinated omission hides nothing.

            ![Delay](benchmarks/latency.svg)

            ![CPU](benchmarks/subscribers.svg)

            [peers.json](benchmarks/peers.json) has the quartiles and versions.
            """;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final PeersOptions options = new PeersOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Write medians, quartiles and versions there.")
    private @Nullable Path json;

    @Option(names = "--plots", paramLabel = "DIR", description = "Draw SVG pictures there.")
    private @Nullable Path plots;

    @Option(
            names = "--docs",
            paramLabel = "DIR",
            description = "Write tables, pictures and peers.json into benchmarks.md and benchmarks/ there.")
    private @Nullable Path docs;

    @Option(names = "--help", usageHelp = true, description = "Show this.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean isHelpWanted;

    private Peers(Map<String, String> environment) {
        this.environment = environment;
    }

    public static void main(String[] args) {
        CommandLine command = command(System.getenv());
        System.exit(command.execute(args)); // gRPC's threads would stay a while
    }

    /** Returns the command; programs are looked for in an environment. */
    static CommandLine command(Map<String, String> environment) {
        return new CommandLine(new Peers(environment)).setParameterExceptionHandler((wrong, args) -> {
            wrong.getCommandLine().getErr().println(wrong.getMessage());
            return CommandLine.ExitCode.USAGE;
        });
    }

    @Override
    public Integer call() throws Exception {
        Programs programs = new Programs(environment);
        PeersConfig config = options.config();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        List<Entry> entries = new ArrayList<>();
        List<Lane> present = new ArrayList<>();
        for (Lane lane : config.lanes()) {
            Entry entry = Entry.of(lane, programs);
            entries.add(entry);
            if (entry.missing() == null) {
                present.add(lane);
            } else {
                progress.println(lane.name() + " is left out: " + entry.missing());
            }
        }
        if (present.isEmpty()) {
            progress.println("--lanes: none of them can run here (expected: one at least)");
            return CommandLine.ExitCode.USAGE;
        }
        try (Contest contest = new Contest(config, present, programs, progress::println)) {
            Report report = new Report(config, Machine.ofThisRun(programs), entries, contest.run());
            out.print(new Tables(report).all());
            out.flush();
            write(report);
        }
        return CommandLine.ExitCode.OK;
    }

    private void write(Report report) throws IOException {
        if (json != null) {
            ReportJson.write(report, json);
        }
        if (plots != null) {
            Plots.write(report, plots);
        }
        if (docs != null) {
            Path depth = docs.resolve("benchmarks");
            ReportJson.write(report, depth.resolve("peers.json"));
            Plots.write(report, depth);
            Tables tables = new Tables(report);
            Page.replace(docs.resolve("benchmarks.md"), "ratios", tables.machine() + "\n" + tables.ratios());
            Page.replace(docs.resolve("benchmarks.md"), "pictures", PICTURES);
            Page.replace(depth.resolve("details.md"), "peers", tables.all());
        }
    }
}
