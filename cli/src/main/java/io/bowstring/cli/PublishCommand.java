package io.bowstring.cli;

import io.bowstring.client.Publisher;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.nio.channels.Channels;
import java.nio.file.Path;
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
    private static final String STANDARD_INPUT = "-";
    private static final String INPUT_NAME = "standard input";

    private final StandardStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

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
    private List<String> files = List.of(STANDARD_INPUT);

    @Option(
            names = "--input-format",
            paramLabel = "arrow|csv|tsv|json",
            description =
                    "What the files are (default: by their names; arrow on standard input). csv and tsv begin with a"
                            + " line of names, json is an object for each row.")
    private @Nullable InputFormat inputFormat;

    @Option(
            names = "--batch-rows",
            paramLabel = "N",
            description = "Rows of a batch, at most, of csv, tsv and json (default: ${DEFAULT-VALUE}). The types of the"
                    + " columns are those of the first batch.",
            defaultValue = "10000")
    private int batchRows = 10_000;

    @Option(
            names = "--seal",
            description = "Complete the topic: its subscribers get the end of the stream."
                    + " A stream that ends without its end-of-stream marker is an error then, not just a warning.")
    private boolean seals;

    @Option(names = "--ack", description = "Wait until the server has acknowledged all batches.")
    private boolean wantsAcks;

    @Option(
            names = "--producer",
            paramLabel = "ID",
            description = "Number the batches from 0 on under this id, so that the same command, run again after a"
                    + " failure, adds only what the topic does not have yet. Implies --ack.")
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
    private @Nullable Publisher publisher;
    private List<IpcField> fields = List.of();
    private long startNanos;
    private final Set<String> warned = new HashSet<>();

    PublishCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException {
        requireUsage();
        requireFiles();
        Progress progress = new Progress(streams.err(), streams.isTerminal(), System::nanoTime);
        Acknowledgement last;
        try {
            startNanos = System.nanoTime();
            for (long round = 0; round < repeat; round++) {
                for (String file : files) {
                    try (MessageSource source = open(file)) {
                        publish(file, source, progress);
                    }
                }
            }
            last = publisher == null ? null : publisher.finish();
        } catch (CommandException e) {
            throw afterAll(e, progress);
        } finally {
            progress.clear();
            if (publisher != null) {
                publisher.close();
            }
        }
        String acknowledged = last == null ? "" : ", acknowledged up to offset " + last.offset();
        streams.err().println("published to " + topic + ": " + progress.summary() + acknowledged);
        return 0;
    }

    private void requireUsage() {
        boolean usesInput = files.contains(STANDARD_INPUT);
        if (usesInput && files.size() > 1) {
            throw new ParameterException(spec.commandLine(), "FILE: " + files + " (expected: files, or - alone)");
        }
        if (usesInput && repeat != 1) {
            throw new ParameterException(
                    spec.commandLine(), "--repeat: " + repeat + " (expected: files, standard input is read once)");
        }
        if (batchRows < 1) {
            throw new ParameterException(spec.commandLine(), "--batch-rows: " + batchRows + " (expected: at least 1)");
        }
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
            try (MessageSource source = open(file)) {
                List<IpcField> present = source.schema().fields();
                first = first == null ? present : first;
                new DictionaryIds(file, present, first);
            }
        }
    }

    private MessageSource open(String file) {
        boolean isInput = file.equals(STANDARD_INPUT);
        InputFormat format = inputFormat == null ? InputFormat.of(file) : inputFormat;
        if (format != InputFormat.ARROW) {
            return isInput
                    ? RowSource.open(INPUT_NAME, streams.in(), format, batchRows)
                    : RowSource.open(Path.of(file), format, batchRows);
        }
        return isInput
                ? new StreamSource(INPUT_NAME, Channels.newChannel(streams.in()))
                : MessageSource.open(Path.of(file));
    }

    private void publish(String file, MessageSource source, Progress progress) throws InterruptedException {
        Publisher target = publisher;
        if (target == null) {
            IpcSchema schema = source.schema();
            fields = schema.fields();
            schema.retain();
            target = Publisher.open(server.address(), request(), schema);
            publisher = target;
        }
        DictionaryIds ids = new DictionaryIds(file, source.schema().fields(), fields);
        for (IpcMessage message = source.next(); message != null; message = source.next()) {
            message = ids.apply(message);
            if (message instanceof IpcRecordBatch batch) {
                awaitTurn(batch, progress.batches());
                message = numbered(batch, progress.batches());
                progress.add(batch.rowCount(), batch.frameBytes());
            }
            target.publish(message);
        }
        if (!source.isComplete()) {
            onIncomplete(file, progress);
        }
    }

    /**
     * Returns what is wrong with an input, and how much was in front of it: that stays, and the topic gets all of it, unless
     * the end of this stream would seal it.
     */
    private CommandException afterAll(CommandException e, Progress progress) throws InterruptedException {
        if (publisher == null || progress.batches() == 0) {
            return e;
        }
        if (!seals) {
            publisher.finish();
        }
        String what = seals ? "sent, and not sealed, before it: " : "published before it: ";
        return new CommandException(e.getMessage() + "; " + what + progress.amount(), e);
    }

    private PublishRequest request() {
        return new PublishRequest(topic, wantsAcks || producer != null, seals, producer);
    }

    /** Returns the batch, which is consumed, with its number where there is a producer; owned. */
    private IpcRecordBatch numbered(IpcRecordBatch batch, long index) {
        return producer == null ? batch : batch.edited(new BatchSequence(index).toEdit(), ByteBufAllocator.DEFAULT);
    }

    /** Fails where the topic would be sealed, else warns, once per file. */
    private void onIncomplete(String file, Progress progress) {
        String name = file.equals(STANDARD_INPUT) ? INPUT_NAME : file;
        String finding = name + ": ends without an end-of-stream marker, so that it may have been cut off";
        if (seals) {
            throw new CommandException(finding + " (expected: a complete stream with --seal)");
        }
        if (warned.add(file)) {
            progress.clear();
            streams.err().println("bowstring: warning: " + finding);
        }
    }

    /** Waits until a batch may be sent; releases it if it will not be. */
    private void awaitTurn(IpcRecordBatch batch, long index) throws InterruptedException {
        Rate limit = rate;
        if (limit == null) {
            return;
        }
        try {
            limit.await(index, startNanos);
        } catch (InterruptedException e) {
            batch.release();
            throw e;
        }
    }
}
