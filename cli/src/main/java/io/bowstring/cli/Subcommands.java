package io.bowstring.cli;

import io.bowstring.client.TimeoutConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * The subcommands by their names, in the order of the help. Each is made only if a line needs it: to read the options of all of
 * them costs a short command as much of the processor as its own work. Immutable.
 */
final class Subcommands {
    /** For a script. */
    private static final String HIDDEN = "load-report";

    private final Map<String, Supplier<Object>> byName = new LinkedHashMap<>();

    Subcommands(StandardStreams streams, Map<String, String> environment, TimeoutConfig timeouts) {
        Supplier<ServerOption> server = () -> new ServerOption(environment, timeouts);
        byName.put("serve", () -> new ServeCommand(streams));
        byName.put("publish", () -> new PublishCommand(streams, server.get()));
        byName.put("subscribe", () -> new SubscribeCommand(streams, server.get()));
        byName.put("topics", () -> new TopicsCommand(streams, server.get()));
        byName.put("delete", () -> new DeleteCommand(server.get()));
        byName.put("cat", () -> new CatCommand(streams));
        byName.put("check", () -> new CheckCommand(streams));
        byName.put("repair", () -> new RepairCommand(streams));
        byName.put("bench", () -> new BenchCommand(streams, timeouts));
        byName.put(HIDDEN, () -> new LoadReportCommand(streams));
    }

    boolean contains(String name) {
        return byName.containsKey(name);
    }

    /** Returns the names of those that are for people. */
    List<String> names() {
        return byName.keySet().stream().filter(name -> !name.equals(HIDDEN)).toList();
    }

    /** Adds those that the parser must know to understand {@code args}. */
    void addTo(CommandLine line, String... args) {
        for (String name : neededFor(args)) {
            CommandLine command = new CommandLine(
                    Objects.requireNonNull(byName.get(name), name).get());
            command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Bowstring.Version());
            line.addSubcommand(name, command);
        }
    }

    private List<String> neededFor(String... args) {
        if (args.length > 0 && contains(args[0])) {
            return List.of(args[0]);
        }
        return List.copyOf(byName.keySet());
    }
}
