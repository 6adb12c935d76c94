package io.bowstring.bench.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    /** How much longer than planned a turn may take. */
    private static final double PATIENCE_SECONDS = 60;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final PeersOptions options = new PeersOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Write medians, quartiles and versions there.")
    private @Nullable Path json;

    @Option(
            names = "--docs",
            paramLabel = "DIR",
            description =
                    "Write tables, pictures and peers.json into benchmarks.md and benchmarks/ there; of all parts.")
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
        requireWritable(config);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        List<Entry> entries = new ArrayList<>();
        List<Lane> present = new ArrayList<>();
        for (Lane lane : config.isContest() ? options.lanes() : List.<Lane>of()) {
            Entry entry = Entry.of(lane, programs);
            entries.add(entry);
            if (entry.missing() == null) {
                present.add(lane);
            } else {
                progress.println(lane.name() + " is left out: " + entry.missing());
            }
        }
        if (present.isEmpty() && config.isContest()) {
            progress.println("--lanes: none of them can run here (expected: one at least)");
            return CommandLine.ExitCode.USAGE;
        }
        DiskFindings disk = new DiskParts(config, progress::println).run();
        try (Contest contest = new Contest(config, present, programs, PATIENCE_SECONDS, progress::println)) {
            Report report = new Report(config, Machine.ofThisRun(programs), entries, contest.run(), disk);
            out.print(new Tables(report).all());
            out.flush();
            write(report);
            return report.failures().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** Checks what a long run needs in the end, so that its results are not lost. */
    private void requireWritable(PeersConfig config) {
        if (json != null && (Files.isDirectory(json) || !Files.isWritable(json.resolveSibling(".")))) {
            throw wrong("--json: " + json + " (expected: a file in a folder that exists and can be written to)");
        }
        if (docs != null) {
            if (config.parts().size() < Part.values().length) {
                throw wrong("--docs: " + docs + " (expected: all parts; --parts)");
            }
            try {
                Page.require(docs.resolve("benchmarks.md"), "ratios", "pictures");
                Page.require(docs.resolve("benchmarks/details.md"), "peers");
            } catch (IOException e) {
                throw wrong("--docs: " + e.getMessage());
            }
        }
    }

    private CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private void write(Report report) throws IOException {
        if (json != null) {
            ReportJson.write(report, json);
        }
        if (docs != null) {
            Path depth = docs.resolve("benchmarks");
            ReportJson.write(report, depth.resolve("peers.json"));
            Set<String> drawn = Plots.write(report, depth);
            Tables tables = new Tables(report);
            Page.replace(docs.resolve("benchmarks.md"), "ratios", tables.machine() + "\n" + tables.ratios());
            String pictures = picture(drawn, "Throughput", "benchmarks/throughput.svg")
                    + picture(drawn, "Delay", "benchmarks/latency.svg")
                    + picture(drawn, "CPU", "benchmarks/subscribers.svg")
                    + "[peers.json](benchmarks/peers.json) has the quartiles and versions.\n";
            Page.replace(docs.resolve("benchmarks.md"), "pictures", pictures);
            String more = picture(drawn, "CPU", "topics.svg") + picture(drawn, "CPU", "publishers.svg");
            Page.replace(depth.resolve("details.md"), "peers", tables.all() + "\n" + more);
        }
    }

    private static String picture(Set<String> drawn, String title, String file) {
        boolean isDrawn = drawn.contains(Path.of(file).getFileName().toString());
        return isDrawn ? "![" + title + "](" + file + ")\n\n" : "";
    }
}
