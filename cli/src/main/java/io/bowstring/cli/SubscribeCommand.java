package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bowstring subscribe}: writes the stream of a topic. Confined to the main thread. */
@Command(name = "subscribe", description = "Receives a topic as a table, as JSON or CSV, or as an Arrow IPC stream.")
final class SubscribeCommand implements Callable<Integer> {
    private final StandardStreams streams;

    @Mixin
    private final ServerOption server;

    @Parameters(paramLabel = "TOPIC", description = "The topic; it need not exist yet.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private TopicName topic;

    @Option(
            names = "--from",
            paramLabel = "latest|earliest|OFFSET|-N|TIME",
            description =
                    "Where to start: -N is the last N batches; TIME, such as 2026-11-30T12:00:00Z or ...+02:00, the first batch"
                            + " since then (default: ${DEFAULT-VALUE}).",
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

    @Mixin
    private final OutputOptions output = new OutputOptions();

    SubscribeCommand(StandardStreams streams, ServerOption server) {
        this.streams = streams;
        this.server = server;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        output.requireUsage();
        SubscribeRequest request = new SubscribeRequest(topic, from, until, onLag, columns);
        OutputFormat chosen = output.effectiveFormat();
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
            StreamCopy.untilStopped(subscription, () -> output.open(streams), output.limit());
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
            output.print(schema, subscription::next, chosen, client.allocator(), streams);
        }
    }
}
