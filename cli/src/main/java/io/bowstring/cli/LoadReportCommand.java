package io.bowstring.cli;

import io.bowstring.cli.load.LatencyChart;
import io.bowstring.cli.load.LoadCheck;
import io.bowstring.cli.load.LoadException;
import io.bowstring.cli.load.LoadReport;
import io.bowstring.cli.load.LoadResults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code bowstring load-report}: makes a page, or a picture, of the results of {@code docker/load-test.sh}, which it reads from
 * standard input. Confined to the main thread.
 */
@Command(name = "load-report", hidden = true, description = "Holds the results of a load test against its scenario.")
final class LoadReportCommand implements Callable<Integer> {
    private final StandardStreams streams;

    @Option(names = "--svg", description = "Draw the latency, and check nothing.")
    private boolean isPicture;

    LoadReportCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        String text = new String(streams.in().readAllBytes(), StandardCharsets.UTF_8);
        try {
            LoadResults results = LoadResults.parse(text);
            if (isPicture) {
                print(LatencyChart.of(results));
                return 0;
            }
            List<LoadCheck> checks = LoadCheck.of(results);
            print(LoadReport.of(results, checks));
            long missed = checks.stream().filter(check -> !check.isMet()).count();
            if (missed > 0) {
                throw new CommandException("load test: " + missed + " of " + checks.size() + " checks missed");
            }
            return 0;
        } catch (LoadException e) {
            throw new CommandException(CommandException.reason(e), e);
        }
    }

    private void print(String text) throws IOException {
        streams.out().write(text.getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
    }
}
