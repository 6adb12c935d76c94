package io.bowstring.cli;

import io.bowstring.cli.bench.Bench;
import io.bowstring.cli.bench.BenchException;
import io.bowstring.cli.bench.BenchMonitor;
import io.bowstring.cli.bench.BenchPlan;
import io.bowstring.cli.bench.BenchReport;
import io.bowstring.cli.bench.BenchTopics;
import io.bowstring.cli.bench.BodySize;
import io.bowstring.cli.bench.Disturbance;
import io.bowstring.cli.bench.DisturbanceReport;
import io.bowstring.cli.bench.Disturbers;
import io.bowstring.cli.bench.Faults;
import io.bowstring.cli.bench.Parties;
import io.bowstring.cli.bench.ReportJson;
import io.bowstring.cli.bench.ReportTable;
import io.bowstring.cli.bench.ServerProcess;
import io.bowstring.cli.bench.TargetRate;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientException;
import io.bowstring.client.ReconnectConfig;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.TimeoutConfig;
import io.bowstring.codec.IpcLimits;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bowstring bench}: measures a server under a load of publishers and subscribers. Confined to the main thread. */
@Command(
        name = "bench",
        description = "Measures speed and latency, and checks that nothing is lost, repeated or out of order.")
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_PARTIES = 10_000;
    private static final int MAX_COLUMNS = 1_000;

    /** Longer than a client waits for acknowledgements when it is closed. */
    private static final long STOP_TIMEOUT_SECONDS = 40;

    private static final long TICK_NANOS = 100_000_000;

    private final StandardStreams streams;
    /** It waits so many times longer for an answer than other commands do, because it loads the server and the machine. */
    private static final int ANSWERS = 6;

    private final TimeoutConfig timeouts;
    private final StatusLine line;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "bowstring://HOST:PORT",
            description =
                    "The server; also HOST:PORT, or bowstring+unix:PATH (default: one of its own, in a process of its own).")
    private @Nullable ServerAddress address;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            description = "Publishers; 0: those of other processes (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int publishers;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            description = "Subscribers; 0: those of other processes (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int subscribers;

    @Option(
            names = "--topics",
            paramLabel = "N",
            description =
                    "Topics. Publishers are spread over them; each subscriber reads one (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int topics;

    @Option(
            names = "--body",
            paramLabel = "SIZE",
            split = ",",
            description = "Bytes of the body of a batch, rounded up to whole rows; several sizes are measured one after"
                    + " another (default: ${DEFAULT-VALUE}).",
            defaultValue = "64KiB")
    private List<BodySize> bodies = List.of();

    @Option(
            names = "--columns",
            paramLabel = "N",
            description = "Columns of a batch, of int64 (default: ${DEFAULT-VALUE}).",
            defaultValue = "8")
    private int columns;

    @Option(
            names = "--rate",
            paramLabel = "N/s|max",
            description = "Batches per second of all publishers together (default: ${DEFAULT-VALUE}).",
            defaultValue = "max")
    private Rate rate = new Rate(1);

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            description =
                    "How long is measured, for each size, in ms, s or m (default: ${DEFAULT-VALUE}). Before that comes a"
                            + " warm-up, a quarter as long, at most 10 s.",
            defaultValue = "10s")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--topic",
            paramLabel = "PREFIX",
            description = "Use the topics PREFIX.0, PREFIX.1 ..., to agree with other processes, and leave them there"
                    + " (default: random ones).")
    private @Nullable TopicName prefix;

    @Option(
            names = "--seal",
            description = "With publishers alone: complete the topics in the end, which ends their subscribers.")
    private boolean seals;

    @Option(
            names = "--await-subscribers",
            paramLabel = "N",
            description = "With --topic: begin when so many subscribers of other processes read the topics.")
    private int awaitedSubscribers;

    @Option(
            names = "--stalled",
            paramLabel = "N",
            description = "Subscribers besides that take nothing, to see that nobody suffers from them.")
    private int stalled;

    @Option(
            names = "--garbage",
            paramLabel = "N",
            description = "Connections besides that send bytes which are no Arrow, again and again.")
    private int garbage;

    @Option(
            names = "--format",
            paramLabel = "table|json",
            description = "How to write (default: ${DEFAULT-VALUE}).",
            defaultValue = "table")
    private OutputFormat format = OutputFormat.TABLE;

    BenchCommand(StandardStreams streams, TimeoutConfig timeouts) {
        this.streams = streams;
        this.timeouts = timeouts;
        this.line = new StatusLine(streams.err(), streams.isTerminal(), System::nanoTime);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requireUsage();
        if (address != null) {
            ServerOption.connect(config(address)).close();
        }
        if (publishers + subscribers == 0) {
            return disturb();
        }
        Faults faults = Faults.NONE;
        try (StopSignal stop = new StopSignal(() -> {}, STOP_TIMEOUT_SECONDS)) {
            if (format == OutputFormat.TABLE) {
                print(ReportTable.head(plan(bodies.get(0))));
            }
            for (BodySize body : bodies) {
                if (!stop.isRaised()) {
                    BenchReport report = run(plan(body), stop);
                    print(format == OutputFormat.TABLE ? ReportTable.line(report) : ReportJson.of(report));
                    faults = faults.plus(report.delivery().faults());
                }
            }
        }
        if (!faults.isNone()) {
            throw new CommandException(faults + " (expected: none)");
        }
        return 0;
    }

    private BenchPlan plan(BodySize body) {
        return new BenchPlan(parties(), body, columns, new TargetRate(rate.perSecond(), duration), names());
    }

    private Parties parties() {
        return new Parties(publishers, subscribers, topics);
    }

    private BenchTopics names() {
        return prefix == null
                ? BenchTopics.ofOneRun()
                : BenchTopics.shared(prefix.value(), seals || subscribers > 0, awaitedSubscribers);
    }

    /** Disturbs the load of other processes until the time is over, or the process is asked to stop. */
    private int disturb() throws IOException, InterruptedException {
        Disturbers disturbers = new Disturbers(stalled, garbage);
        ClientConfig config = config(Objects.requireNonNull(address));
        try (StopSignal stop = new StopSignal(() -> {}, STOP_TIMEOUT_SECONDS);
                Disturbance disturbance = Disturbance.start(disturbers, parties(), names(), config)) {
            long startNanos = System.nanoTime();
            while (!stop.await(TICK_NANOS) && System.nanoTime() - startNanos < duration.toNanos()) {
                disturbance.requireRunning();
                line.show(() -> DisturbanceReport.text(disturbers, disturbance));
            }
            line.clear();
            print(
                    format == OutputFormat.TABLE
                            ? DisturbanceReport.text(disturbers, disturbance)
                            : DisturbanceReport.json(disturbers, disturbance));
            return 0;
        } catch (ClientException | BenchException e) {
            throw new CommandException(CommandException.reason(e), e);
        }
    }

    private BenchReport run(BenchPlan plan, StopSignal stop) throws IOException, InterruptedException {
        if (address != null) {
            return run(plan, address, null, stop);
        }
        try (ServerProcess server = ServerProcess.start(Bowstring.class)) {
            try {
                return run(plan, server.address(), server, stop);
            } finally {
                server.warnings().forEach(warning -> streams.say("bowstring: server: " + warning));
            }
        }
    }

    private BenchReport run(BenchPlan plan, ServerAddress target, @Nullable ServerProcess server, StopSignal stop)
            throws InterruptedException {
        ClientConfig config = config(target);
        Disturbers disturbers = new Disturbers(stalled, garbage);
        BenchMonitor monitor = new BenchMonitor() {
            @Override
            public boolean isStopped() {
                return stop.isRaised();
            }

            @Override
            public void onProgress(String text) {
                line.show(() -> text);
            }
        };
        try (Disturbance disturbance = Disturbance.start(disturbers, plan.parties(), plan.topics(), config)) {
            BenchReport report = Bench.run(plan, config, server, monitor);
            disturbance.requireRunning();
            if (!disturbers.areNone()) {
                streams.say("bowstring: disturbed by " + DisturbanceReport.text(disturbers, disturbance));
            }
            return report;
        } catch (ClientException | BenchException e) {
            throw new CommandException(stop.isRaised() ? "stopped" : CommandException.reason(e), e);
        } finally {
            line.clear();
        }
    }

    private ClientConfig config(ServerAddress target) {
        return ClientConfig.of(target)
                .withReconnect(ReconnectConfig.NEVER)
                .withTimeouts(timeouts.withAnswer(timeouts.answer().multipliedBy(ANSWERS)))
                .withLimits(IpcLimits.UNLIMITED)
                .withListener(new ConnectionNotes(streams));
    }

    private void print(String text) throws IOException {
        streams.out().write((text + "\n").getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
    }

    private void requireUsage() {
        requireIn("--publishers", publishers, 0, MAX_PARTIES);
        requireIn("--subscribers", subscribers, 0, MAX_PARTIES);
        requireIn("--topics", topics, 1, MAX_PARTIES);
        requireIn("--columns", columns, 1, MAX_COLUMNS);
        if (format != OutputFormat.TABLE && format != OutputFormat.JSON) {
            throw wrong("--format: " + format + " (expected: table or json)");
        }
        requireIn("--await-subscribers", awaitedSubscribers, 0, MAX_PARTIES);
        requireIn("--stalled", stalled, 0, MAX_PARTIES);
        requireIn("--garbage", garbage, 0, MAX_PARTIES);
        if (publishers == 0 && subscribers == 0 && stalled == 0 && garbage == 0) {
            throw wrong("--publishers: 0 (expected: at least 1, without subscribers)");
        }
        if (address == null && (publishers == 0 || subscribers == 0)) {
            String half = publishers == 0 ? "--publishers" : "--subscribers";
            throw wrong(half + ": 0 (expected: at least 1 without --url, as nobody else knows the server)");
        }
        if (prefix == null && publishers == 0 && subscribers + stalled > 0) {
            throw wrong("--publishers: 0 (expected: at least 1 without --topic, as nobody else knows the topics)");
        }
        if (awaitedSubscribers > 0 && (prefix == null || publishers == 0)) {
            throw wrong("--await-subscribers: " + awaitedSubscribers + " (expected: with --topic and publishers)");
        }
        if (prefix != null && bodies.size() > 1) {
            throw wrong("--body: " + bodies.size() + " sizes (expected: one with --topic)");
        }
    }

    private void requireIn(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw wrong(option + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
