package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.text.RowPrinter;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bowstring subscribe}: writes the stream of a topic. Confined to the main thread. */
@Command(name = "subscribe", description = "Receives a topic as a table, as JSON or CSV, or as an Arrow IPC stream.")
final class SubscribeCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    private final StandardStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final ServerOption server;

    @Parameters(paramLabel = "TOPIC", description = "The topic; it need not exist yet.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private TopicName topic;

    @Option(
            names = "--from",
            paramLabel = "latest|earliest|OFFSET|-N",
            description = "Where to start; -N is the last N batches (default: ${DEFAULT-VALUE}).",
            defaultValue = "latest")
    private StartPosition from = StartPosition.LATEST;

    @Option(
            names = "--until",
            paramLabel = "end|OFFSET",
            description = "Where to end: after what the topic holds now, or before an offset (default: never).")
    private EndPosition until = EndPosition.LIVE;

    @Option(
            names = "--on-lag",
            paramLabel = "disconnect|drop|block",
            description = "What happens if this is too slow (default: ${DEFAULT-VALUE}).",
            defaultValue = "disconnect")
    private LagPolicy onLag = LagPolicy.DISCONNECT;

    @Option(
            names = "--columns",
            paramLabel = "NAME[,NAME...]",
            description =
                    "Which columns, in this order (default: all). A name with a comma in it stands in quotes; #2 is the second"
                            + " column, whatever its name.")
    private @Nullable ColumnNames columns;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write here, over what is there; - is standard output, the default.")
    private String output = STANDARD_OUTPUT;

    @Option(
            names = "--format",
            paramLabel = "table|json|csv|arrow",
            description = "How to write (default: table; arrow with --output).")
    private @Nullable OutputFormat format;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many rows; arrow writes whole batches.")
    private long limit = Long.MAX_VALUE;

    SubscribeCommand(StandardStreams streams, ServerOption server) {
        this.streams = streams;
        this.server = server;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit: " + limit + " (expected: at least 1)");
        }
        boolean isFile = !output.equals(STANDARD_OUTPUT);
        if (isFile) {
            requireWritable(Path.of(output));
        }
        SubscribeRequest request = new SubscribeRequest(topic, from, until, onLag, columns);
        OutputFormat chosen = effectiveFormat();
        try (Client client = server.connectForLong(new ConnectionNotes(streams))) {
            if (chosen == OutputFormat.ARROW) {
                copy(client, request);
            } else {
                print(client, request, chosen);
            }
        }
        return 0;
    }

    private void copy(Client client, SubscribeRequest request) throws IOException, InterruptedException {
        try (MessageSubscription subscription = client.messageSubscription(request)) {
            StreamCopy.untilStopped(subscription, this::open, limit);
        }
    }

    private void print(Client client, SubscribeRequest request, OutputFormat chosen)
            throws IOException, InterruptedException {
        try (MessageSubscription subscription = client.messageSubscription(request)) {
            IpcMessage first =
                    subscription.next(); // a file that is there is not touched before the server has accepted
            if (!(first instanceof IpcSchema schema)) {
                return;
            }
            try (ShownBatches batches = new ShownBatches(schema, client.allocator());
                    OutputStream target = open()) {
                batches.warnings().forEach(warning -> streams.say("bowstring: warning: " + warning));
                boolean isForPeople = output.equals(STANDARD_OUTPUT) && streams.isScreen();
                RowPrinter printer = chosen.newPrinter(target, batches.columns(), isForPeople);
                RowOutput.printAll(subscription, batches, client.allocator(), printer, limit);
            }
        } catch (IpcException e) {
            throw new CommandException("cannot be decoded (--format arrow takes all): " + e.getMessage(), e);
        }
    }

    /** Finds out before the topic is waited for what would keep the file from being opened. */
    private static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        boolean isWritable = Files.exists(file)
                ? Files.isWritable(file) && !Files.isDirectory(file)
                : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
        if (!isWritable) {
            throw new CommandException("cannot write " + file + " (expected: a file, in a folder that is there)");
        }
    }

    private OutputFormat effectiveFormat() {
        if (format != null) {
            return format;
        }
        boolean isGiven = spec.commandLine().getParseResult().hasMatchedOption("--output");
        return isGiven ? OutputFormat.ARROW : OutputFormat.TABLE;
    }

    /** Returns what to write to, owned; standard output stays open. */
    private OutputStream open() {
        if (output.equals(STANDARD_OUTPUT)) {
            return new FilterOutputStream(streams.out()) {
                @Override
                public void write(byte[] bytes, int start, int length) throws IOException {
                    out.write(bytes, start, length);
                }

                @Override
                public void close() throws IOException {
                    flush();
                }
            };
        }
        try {
            return new FileOutputStream(output);
        } catch (IOException e) {
            throw new CommandException("cannot write " + e.getMessage(), e);
        }
    }
}
