package io.bowstring.cli;

import io.bowstring.cli.bench.BodySize;
import io.bowstring.client.ClientException;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.TimeoutConfig;
import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.Nearest;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.TopicName;
import io.bowstring.text.TextException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The {@code bowstring} command: hands over to its subcommands, and turns what they throw into exit codes. */
@Command(
        name = "bowstring",
        description = "Moves Apache Arrow tables between programs.",
        mixinStandardHelpOptions = true,
        versionProvider = Bowstring.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed; the reason is on standard error", "2:wrong usage"})
public final class Bowstring {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final List<String> VERSION_OPTIONS = List.of("-V", "--version");

    private Bowstring() {}

    /** Runs the command and ends the process. */
    public static void main(String[] args) {
        System.exit(run(StandardStreams.ofProcess(), args));
    }

    /** Returns the command line with all that it knows, to be described and not to be run. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Bowstring());
        new Subcommands(StandardStreams.ofProcess(), Map.of(), TimeoutConfig.DEFAULTS).addTo(line);
        return line;
    }

    /** Runs the command; returns the exit code. */
    static int run(StandardStreams streams, String... args) {
        return run(streams, System.getenv(), args);
    }

    /** Runs the command in an environment; returns the exit code. */
    static int run(StandardStreams streams, Map<String, String> environment, String... args) {
        return run(streams, environment, TimeoutConfig.DEFAULTS, args);
    }

    /** Runs the command with times for its client; returns the exit code. */
    static int run(StandardStreams streams, Map<String, String> environment, TimeoutConfig timeouts, String... args) {
        if (args.length == 1 && VERSION_OPTIONS.contains(args[0])) {
            return sayVersion(streams);
        }
        Subcommands subcommands = new Subcommands(streams, environment, timeouts);
        if (args.length > 0 && !args[0].startsWith("-") && !subcommands.contains(args[0])) {
            return onUnknownCommand(streams, args[0], subcommands.names());
        }
        CommandLine line = new CommandLine(new Bowstring());
        subcommands.addTo(line, args);
        if (args.length == 0) {
            return onNoCommand(streams, line);
        }
        convert(line, ServerAddress.class, ServerAddress::parse);
        convert(line, TopicName.class, TopicName::new);
        convert(line, ProducerId.class, ProducerId::new);
        convert(line, StartPosition.class, StartPosition::parse);
        convert(line, EndPosition.class, EndPosition::parse);
        convert(line, LagPolicy.class, LagPolicy::parse);
        convert(line, ColumnNames.class, ColumnNames::parse);
        convert(line, Rate.class, Rate::parse);
        convert(line, TypedColumn.class, TypedColumn::parse);
        convert(line, BodySize.class, BodySize::parse);
        convert(line, Duration.class, Durations::parse);
        convert(line, int.class, WholeNumbers::parseInt);
        convert(line, long.class, WholeNumbers::parseLong);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8), true))
                .setErr(streams.err())
                .setParameterExceptionHandler((e, input) -> onWrongUsage(streams, e))
                .setExecutionExceptionHandler((e, command, input) -> onFailure(streams, e))
                .execute(args);
    }

    /** Prints the version as the parser would, at a third of its cost. */
    private static int sayVersion(StandardStreams streams) {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        out.println(new Version().getVersion()[0]);
        return 0;
    }

    private static <T> void convert(CommandLine line, Class<T> type, Function<String, T> parse) {
        line.registerConverter(type, text -> {
            try {
                return parse.apply(text);
            } catch (ClientException | ProtocolException | IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        });
    }

    private static int onNoCommand(StandardStreams streams, CommandLine line) {
        streams.say("bowstring: no command (expected: one of those below)");
        line.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().forEach(streams::say);
        return WRONG_USAGE;
    }

    /** Whatever follows it, {@code --help} too: the help of another command is not what was asked for. */
    private static int onUnknownCommand(StandardStreams streams, String name, List<String> commands) {
        String hint = Nearest.of(name, commands);
        streams.say("bowstring: unknown command " + name
                + (hint == null
                        ? " (expected: " + String.join(", ", commands) + ")"
                        : " (did you mean " + hint + "?)"));
        streams.say("Try 'bowstring --help'.");
        return WRONG_USAGE;
    }

    private static int onWrongUsage(StandardStreams streams, ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        streams.say("bowstring: " + e.getMessage());
        streams.say("Try '" + command + " --help'.");
        return WRONG_USAGE;
    }

    private static int onFailure(StandardStreams streams, Exception e) {
        if (e instanceof IOException io && StandardStreams.isClosedPipe(io)) {
            return 0;
        }
        boolean isForeseen = e instanceof CommandException
                || e instanceof TextException
                || e instanceof ClientException
                || e instanceof IOException;
        streams.say("bowstring: " + (isForeseen ? CommandException.reason(e) : "internal error: " + e));
        if (!isForeseen) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            trace.toString().lines().map(line -> line.replace("\t", "    ")).forEach(streams::say);
        }
        return FAILED;
    }

    /** The version, as it stands in the manifest of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Bowstring.class.getPackage().getImplementationVersion();
            return new String[] {"bowstring " + (version == null ? "(not packaged)" : version)};
        }
    }
}
