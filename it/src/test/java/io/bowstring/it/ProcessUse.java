package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.stream.Stream;

/**
 * What a {@link MeasuredServer} uses, as it says after a collection, and the system.
 *
 * @param openFiles sockets included
 * @param mappedFiles of its data
 */
record ProcessUse(long heapKiB, long directKiB, long mappedKiB, long openFiles, long mappedFiles) {
    /** What caches may hold more than before, and pools keep. */
    private static final ProcessUse MORE = new ProcessUse(16 << 10, 32 << 10, 0, 4, 0);

    /** Asks a server. */
    static ProcessUse of(KillableServer server, int number, Path data) throws IOException {
        Process process = server.process();
        process.outputWriter().write(number + "\n");
        process.outputWriter().flush();
        MatchResult said = server.awaitLog("use " + number + " (\\d+) (\\d+) (\\d+) \\.");
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try (Stream<Path> files = Files.list(proc.resolve("fd"));
                Stream<String> maps = Files.lines(proc.resolve("maps"))) {
            return new ProcessUse(
                    Long.parseLong(said.group(1)),
                    Long.parseLong(said.group(2)),
                    Long.parseLong(said.group(3)),
                    files.count(),
                    maps.filter(line -> line.contains(data.toString())).count());
        }
    }

    /** Returns whether this is hardly more than another. */
    boolean isLike(ProcessUse other) {
        List<Long> found = numbers();
        List<Long> before = other.numbers();
        List<Long> more = MORE.numbers();
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i) > before.get(i) + more.get(i)) {
                return false;
            }
        }
        return true;
    }

    private List<Long> numbers() {
        return List.of(heapKiB, directKiB, mappedKiB, openFiles, mappedFiles);
    }
}
