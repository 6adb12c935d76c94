package io.bowstring.cli;

import io.bowstring.storage.StorageCheck;
import io.bowstring.text.TerminalText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bowstring check}: reads all files of a data directory, and says what is wrong. Confined to the main thread. */
@Command(
        name = "check",
        description = "Reads all files of a data directory, or of one topic's, and writes one line for each fault."
                + " Changes nothing; a server may be using it. Exit code 1 if there is a fault; a note is none.")
final class CheckCommand implements Callable<Integer> {
    private static final int FAULTY = 1;

    private final StandardStreams streams;

    @Parameters(paramLabel = "DIR", description = "The directory that 'serve --data' names, or one in it.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path directory;

    CheckCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        StorageCheck.Report report =
                StorageCheck.run(directory, finding -> out.println(TerminalText.clean(finding.toString())));
        out.println(String.format(
                Locale.ROOT,
                "%d faults, %d notes in %d topics: %d segments, %d batches, %d bytes",
                report.faults(),
                report.notes(),
                report.topics(),
                report.segments(),
                report.batches(),
                report.bytes()));
        return report.faults() == 0 ? 0 : FAULTY;
    }
}
