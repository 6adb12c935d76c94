package io.bowstring.cli;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcSchema;
import io.bowstring.text.RowPrinter;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how batches are written, and where to. Confined to the main thread. */
final class OutputOptions {
    private static final String STANDARD_OUTPUT = "-";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

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

    /** Throws what is wrong with them; also what would keep the file from being opened, before anything is waited for. */
    void requireUsage() {
        if (limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit: " + limit + " (expected: at least 1)");
        }
        if (!output.equals(STANDARD_OUTPUT)) {
            requireWritable(Path.of(output));
        }
    }

    private static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        boolean isWritable = Files.exists(file)
                ? Files.isWritable(file) && !Files.isDirectory(file)
                : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
        if (!isWritable) {
            throw new CommandException("cannot write " + file + " (expected: a file, in a folder that is there)");
        }
    }

    long limit() {
        return limit;
    }

    /** Returns where the messages go; null for standard output. */
    @Nullable
    Path file() {
        return output.equals(STANDARD_OUTPUT) ? null : Path.of(output);
    }

    /** Returns the format that was asked for, or that of the target. */
    OutputFormat effectiveFormat() {
        if (format != null) {
            return format;
        }
        boolean isGiven = spec.commandLine().getParseResult().hasMatchedOption("--output");
        return isGiven ? OutputFormat.ARROW : OutputFormat.TABLE;
    }

    /**
     * Writes rows as text.
     *
     * @param schema consumed
     * @param messages those after the schema; borrowed
     * @param allocator of vectors; borrowed
     */
    void print(
            IpcSchema schema,
            MessageFlow messages,
            OutputFormat chosen,
            BufferAllocator allocator,
            StandardStreams streams)
            throws IOException, InterruptedException {
        try (ShownBatches batches = new ShownBatches(schema, allocator);
                OutputStream target = open(streams)) {
            batches.warnings().forEach(warning -> streams.say("bowstring: warning: " + warning));
            boolean isForPeople = output.equals(STANDARD_OUTPUT) && streams.isScreen();
            RowPrinter printer = chosen.newPrinter(target, batches.columns(), isForPeople);
            RowOutput.printAll(messages, batches, allocator, printer, limit);
        } catch (IpcException e) {
            throw new CommandException("cannot be decoded (--format arrow takes all): " + e.getMessage(), e);
        }
    }

    /** Returns what to write to, owned; standard output stays open. */
    OutputStream open(StandardStreams streams) {
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
