package io.bowstring.cli;

import io.bowstring.storage.StorageFinding;
import io.bowstring.storage.StorageRepair;
import io.bowstring.text.TerminalText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bowstring repair}: says how a data directory would be brought in order, or does it. Confined to the main thread. */
@Command(
        name = "repair",
        description =
                "Says how it would bring the files of a data directory, or of one topic's, in order, as a server does when it"
                        + " starts; with --yes it does that. Loses nothing that can be read: what is damaged is set aside, and batches in it"
                        + " that are whole get segments of their own. Refuses while a server uses the directory.")
final class RepairCommand implements Callable<Integer> {
    private final StandardStreams streams;

    @Parameters(paramLabel = "DIR", description = "The directory that 'serve --data' names, or one in it.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path directory;

    @Option(names = "--yes", description = "Do it.")
    private boolean isConfirmed;

    RepairCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        StorageRepair.Report report = isConfirmed ? StorageRepair.run(directory) : StorageRepair.plan(directory);
        String prefix = isConfirmed ? "done: " : "would do: ";
        report.changes().forEach(change -> out.println(TerminalText.clean(prefix + change)));
        report.otherLogs().forEach(finding -> out.println(TerminalText.clean(finding.toString())));
        report.remaining().stream()
                .filter(StorageFinding::isFault)
                .forEach(finding -> out.println(TerminalText.clean("remains: " + finding)));
        int count = report.changes().size();
        if (count == 0) {
            out.println("nothing to do");
        } else {
            out.println(isConfirmed ? count + " changes done" : count + " changes to do: run it again with --yes");
        }
        return 0;
    }
}
