package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ClientException;
import io.bowstring.client.MessagePublisher;
import io.bowstring.client.PublisherConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.TopicName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code bowstring publish}: streams files or standard input to a topic, as one publish; what is Arrow is not decoded.
 * Confined to the main thread.
 */
@Command(name = "publish", description = "Publishes Arrow, CSV and JSON files to a topic.")
final class PublishCommand implements Callable<Integer> {
    /** Longer than a client waits for acknowledgements when it is closed. */
    private static final long STOP_TIMEOUT_SECONDS = 40;

    private final StandardStreams streams;
    private final PublishStop ending;
    private final Acknowledged acknowledged = new Acknowledged();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final ServerOption server;

    @Mixin
    private InputOptions input = new InputOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private TopicName topic;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FILE",
            description =
                    "Files with equal fields: CSV (.csv, .tsv), JSON lines (.jsonl, .ndjson), all others Arrow IPC"
                            + " streams or files; - or none is standard input.")
    private List<String> files = List.of(InputOptions.STANDARD_INPUT);

    @Option(
            names = "--seal",
            description = "Complete the topic: its subscribers get the end of the stream."
                    + " A stream that ends without its end-of-stream marker is an error then, not just a warning.")
    private boolean seals;

    @Option(names = "--ack", description = "Say up to which offset the server has acknowledged.")
    private boolean wantsAcks;

    @Option(
            names = "--producer",
            paramLabel = "ID",
            description = "Number the batches from 0 on under this id, so that the same command, run again after a"
                    + " failure, adds only what the topic does not have yet, and says so. Implies --ack.")
    private @Nullable ProducerId producer;

    @Option(names = "--rate", paramLabel = "N/s", description = "Send at most so many record batches per second.")
    private @Nullable Rate rate;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Send the files so many times (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long repeat = 1;

    // While it runs.
    private @Nullable Client client;
    private @Nullable MessagePublisher publisher;
    private List<IpcField> fields = List.of();
    private long startNanos;
    private final Set<String> warned = new HashSet<>();

    PublishCommand(StandardStreams streams, ServerOption server) {
        this.streams = streams;
        this.ending = new PublishStop(streams.in());
        this.server = server;
    }

    @Override
    public Integer call() throws InterruptedException {
        requireUsage();
        requireFiles();
        Progress progress = new Progress(streams.err(), streams.isTerminal(), System::nanoTime);
        try (StopSignal stop = new StopSignal(ending, STOP_TIMEOUT_SECONDS)) {
            try {
                publishAndClose(progress, stop);
            } catch (CommandException e) {
                throw afterAll(e, progress);
            } catch (ClientException e) {
                if (!stop.isRaised()) {
                    throw e;
                }
                streams.say("bowstring: stopped; read: " + progress.amount() + "; "
                        + acknowledged.of(progress.batches()) + "; " + CommandException.reason(e));
                return 1;
            }
            String start = stop.isRaised() ? "stopped; " : "";
            streams.say(start + "published to " + topic + ": " + progress.summary() + acknowledged(stop.isRaised()));
        }
        return 0;
    }

    /** What fails first is thrown; that closing fails too is added to it. */
    private void publishAndClose(Progress progress, StopSignal stop) throws InterruptedException {
        try {
            publishAll(progress, stop);
        } catch (RuntimeException | InterruptedException e) {
            try {
                close(progress);
            } catch (RuntimeException other) {
                if (!other.equals(e)) {
                    e.addSuppressed(other);
                }
            }
            throw e;
        }
        close(progress);
    }

    private void close(Progress progress) {
        progress.clear();
        try {
            ending.close();
        } finally {
            if (client != null) {
                client.close();
            }
        }
    }

    private void publishAll(Progress progress, StopSignal stop) throws InterruptedException {
        startNanos = System.nanoTime();
        for (long round = 0; round < repeat && !stop.isRaised(); round++) {
            for (String file : files) {
                publish(file, progress, stop);
            }
        }
        if (publisher == null) {
            return;
        }
        if (stop.isRaised()) {
            ending.close(); // waits for the acknowledgements; a topic that is to be sealed is not complete
        } else {
            publisher.finish();
        }
    }

    private String acknowledged(boolean isStopped) {
        if (publisher == null || acknowledged.isEmpty() || !(wantsAcks || producer != null || isStopped)) {
            return "";
        }
        long known = Math.min(publisher.lastSequence() + 1, publisher.nextSequence());
        return ", acknowledged" + acknowledged.upToOffset(" ")
                + (known == 0 ? "" : "; " + known + " of the batches were in the topic before");
    }

    private void requireUsage() {
        boolean usesInput = files.contains(InputOptions.STANDARD_INPUT);
        if (usesInput && files.size() > 1) {
            throw new ParameterException(spec.commandLine(), "FILE: " + files + " (expected: files, or - alone)");
        }
        if (usesInput && repeat != 1) {
            throw new ParameterException(
                    spec.commandLine(), "--repeat: " + repeat + " (expected: files, standard input is read once)");
        }
        input.requireUsage(spec.commandLine());
        if (repeat < 1) {
            throw new ParameterException(spec.commandLine(), "--repeat: " + repeat + " (expected: at least 1)");
        }
    }

    /** Finds out before anything is sent whether all files are there and fit together. */
    private void requireFiles() {
        if (files.size() < 2) {
            return;
        }
        List<IpcField> first = null;
        for (String file : files) {
            try (MessageInput source = input.open(file, streams.in())) {
                List<IpcField> present = source.schema().fields();
                first = first == null ? present : first;
                new DictionaryIds(file, present, first);
            }
        }
    }

    private void publish(String file, Progress progress, StopSignal stop) throws InterruptedException {
        try (MessageInput source = input.open(file, streams.in())) {
            publish(file, source, progress, stop);
        } catch (CommandException e) {
            if (!stop.isRaised()) {
                throw e;
            } // the input has been ended somewhere, and what was complete before is published
        }
    }

    private void publish(String file, MessageInput source, Progress progress, StopSignal stop)
            throws InterruptedException {
        MessagePublisher target = publisher == null ? begin(source.schema()) : publisher;
        DictionaryIds ids = new DictionaryIds(file, source.schema().fields(), fields);
        boolean isInput = file.equals(InputOptions.STANDARD_INPUT); // which ends by itself when it is stopped
        while (isInput || !stop.isRaised()) {
            IpcMessage message = source.next();
            if (message == null) {
                break;
            }
            message = ids.apply(message);
            if (message instanceof IpcRecordBatch batch) {
                awaitTurn(batch, progress.batches(), stop);
                progress.add(batch.rowCount(), batch.frameBytes());
                target.publish(batch).thenAccept(acknowledged::add);
            } else {
                target.publish((IpcDictionaryBatch) message);
            }
        }
        if (!source.isComplete() && !stop.isRaised()) {
            onIncomplete(file, progress);
        }
    }

    /** Returns what is wrong with an input, and how much was before it, which stays: closing waits for it. */
    private CommandException afterAll(CommandException e, Progress progress) {
        if (publisher == null || progress.batches() == 0) {
            return e;
        }
        String what = seals ? "published, and not sealed, before it: " : "published before it: ";
        CommandException told = new CommandException(e.getMessage() + "; " + what + progress.amount(), e);
        for (Throwable other : e.getSuppressed()) {
            told.addSuppressed(other);
        }
        return told;
    }

    /** Begins to publish with the schema of the first input, borrowed. */
    private MessagePublisher begin(IpcSchema schema) throws InterruptedException {
        PublisherConfig config = PublisherConfig.of(topic.value()).withSeal(seals);
        if (producer != null) {
            config = config.withProducer(producer, 0).repeating();
        }
        fields = schema.fields();
        client = server.connect();
        MessagePublisher opened = client.messagePublisher(config, schema.retain());
        ending.begin(opened);
        publisher = opened;
        return opened;
    }

    /** Fails where the topic would be sealed, else warns, once per file. */
    private void onIncomplete(String file, Progress progress) {
        String finding =
                InputOptions.name(file) + ": ends without an end-of-stream marker, so that it may have been cut off";
        if (seals) {
            throw new CommandException(finding + " (expected: a complete stream with --seal)");
        }
        if (warned.add(file)) {
            progress.clear();
            streams.say("bowstring: warning: " + finding);
        }
    }

    /** Waits until a batch may be sent, or the process is asked to stop; releases it if it will not be. */
    private void awaitTurn(IpcRecordBatch batch, long index, StopSignal stop) throws InterruptedException {
        Rate limit = rate;
        if (limit == null) {
            return;
        }
        try {
            stop.await(startNanos + limit.dueNanos(index) - System.nanoTime());
        } catch (InterruptedException e) {
            batch.release();
            throw e;
        }
    }
}
