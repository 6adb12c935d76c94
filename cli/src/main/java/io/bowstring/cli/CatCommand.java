package io.bowstring.cli;

import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.StartPosition;
import io.bowstring.storage.StoredTopic;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bowstring cat}: writes what files hold, without a server. Confined to the main thread. */
@Command(
        name = "cat",
        description =
                "Writes the batches of a segment, of a durable topic's directory, or of any Arrow file, without a server."
                        + " Changes nothing there; a server may be using it.")
final class CatCommand implements Callable<Integer> {
    private static final int INCOMPLETE = 1;

    private final StandardStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE|DIR",
            description =
                    "An Arrow IPC stream or file; or the directory of a durable topic, all of whose segments are one stream.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path path;

    @Option(
            names = "--from",
            paramLabel = "earliest|OFFSET|-N|TIME",
            description = "Where to start, as for subscribe (default: ${DEFAULT-VALUE}).",
            defaultValue = "earliest")
    private StartPosition from = StartPosition.EARLIEST;

    @Option(
            names = "--until",
            paramLabel = "end|OFFSET",
            description = "Where to end: after what is there, or before an offset (default: ${DEFAULT-VALUE}).",
            defaultValue = "end")
    private EndPosition until = EndPosition.END;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    CatCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (from.kind() == StartPosition.Kind.LATEST) {
            throw new ParameterException(
                    spec.commandLine(), "--from: latest (expected: earliest, an offset, -N, or a time)");
        }
        output.requireUsage();
        requireOutside();
        if (Files.isDirectory(path)) {
            return write(StoredTopic.ofDirectory(path, this::warn, this::note));
        }
        if (Files.isRegularFile(path) && StoredTopic.isSegment(path)) {
            return write(StoredTopic.ofFile(path, this::warn, this::note));
        }
        writePlain();
        return 0;
    }

    /** The output must not be one of the files that are read, nor beside them. */
    private void requireOutside() throws IOException {
        Path target = output.file();
        Path directory = Files.isDirectory(path) ? path : null;
        boolean isInside = target != null
                && directory != null
                && Files.exists(directory)
                && target.toAbsolutePath()
                        .normalize()
                        .startsWith(directory.toAbsolutePath().normalize());
        boolean isSame = target != null && Files.exists(target) && Files.exists(path) && Files.isSameFile(target, path);
        if (isInside || isSame) {
            throw new CommandException("--output: " + target + " (expected: another file than those that are read)");
        }
    }

    private void warn(String fault) {
        streams.say("bowstring: warning: " + fault);
    }

    private void note(String note) {
        streams.say("bowstring: " + note);
    }

    private int write(StoredTopic opened) throws IOException, InterruptedException {
        try (StoredTopic topic = opened) {
            topic.select(from, until);
            write(topic.schema().retain(), topic::next);
            return topic.isComplete() ? 0 : INCOMPLETE;
        }
    }

    /** A stream that no server has written: its batches have the offsets 0, 1, 2... */
    private void writePlain() throws IOException, InterruptedException {
        long last = from.kind() == StartPosition.Kind.LAST ? PlainBatches.count(path) : 0;
        try (PlainBatches batches = PlainBatches.open(path, from, until, last)) {
            write(batches.schema().retain(), batches::next);
            if (!batches.isComplete()) {
                note(path + ": has no end-of-stream marker; it may have been cut off");
            }
        }
    }

    /** Writes messages after a schema, which is consumed. */
    private void write(IpcSchema schema, MessageFlow messages) throws IOException, InterruptedException {
        OutputFormat format = output.effectiveFormat();
        if (format == OutputFormat.ARROW) {
            StreamCopy.write(schema, messages, output.open(streams), output.limit());
            return;
        }
        try (BufferAllocator allocator =
                new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE)) {
            output.print(schema, messages, format, allocator, streams);
        }
    }
}
