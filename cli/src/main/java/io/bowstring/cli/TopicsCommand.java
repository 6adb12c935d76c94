package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.Subscription;
import io.bowstring.text.ShownColumns;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bowstring topics}: lists the topics of a server. Confined to the main thread. */
@Command(name = "topics", description = "Lists the topics, once or live.")
final class TopicsCommand implements Callable<Integer> {
    /** These columns fit a terminal that is 80 characters wide. */
    private static final Set<String> NARROW =
            Set.of("topic", "batches", "rows", "bytes", "publishers", "subscribers", "sealed");

    private final StandardStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final ServerOption server;

    @Option(
            names = "--format",
            paramLabel = "table|json",
            description = "How to write (default: ${DEFAULT-VALUE}).",
            defaultValue = "table")
    private OutputFormat format = OutputFormat.TABLE;

    @Option(names = "--watch", description = "Show them again every second, with rates, until Ctrl-C.")
    private boolean isWatching;

    @Option(names = "--wide", description = "Show all columns in the table; JSON has all in any case.")
    private boolean isWide;

    TopicsCommand(StandardStreams streams, ServerOption server) {
        this.streams = streams;
        this.server = server;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (format != OutputFormat.TABLE && format != OutputFormat.JSON) {
            throw new ParameterException(spec.commandLine(), "--format: " + format + " (expected: table or json)");
        }
        if (isWatching) {
            TopicsWatch.run(server, streams, format, isWide);
            return 0;
        }
        try (Client client = server.connect();
                Subscription table = client.topics("")) {
            ShownColumns all = ShownColumns.of(table.schema());
            ShownColumns columns = isWide || format == OutputFormat.JSON ? all : all.only(NARROW);
            RowOutput.printListing(
                    table, client.allocator(), format.newPrinter(streams.out(), columns, streams.isScreen()));
        }
        return 0;
    }
}
