package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;

/**
 * The machine and the source of a run. Immutable.
 *
 * @param date of the run, in UTC
 * @param commit of the source; with {@code +} where it was changed
 * @param jdk version of the JVM
 * @param kernel name and version of the operating system
 * @param processor its model
 * @param cores how many this process may use
 */
record Machine(String date, String commit, String jdk, String kernel, String processor, int cores) {
    /** The system property that says where the source is. */
    private static final String ROOT = "bowstring.root";

    static Machine ofThisRun(Programs programs) {
        String unknown = "unknown";
        String root = System.getProperty(ROOT, ".");
        String commit = programs.output("git", "-C", root, "rev-parse", "--short", "HEAD");
        boolean isChanged = !Objects.requireNonNullElse(
                        programs.output("git", "-C", root, "status", "--porcelain", "--untracked-files=no"), "")
                .isEmpty();
        return new Machine(
                LocalDate.now(ZoneOffset.UTC).toString(),
                Objects.requireNonNullElse(commit, unknown) + (isChanged ? "+" : ""),
                System.getProperty("java.vendor") + " " + System.getProperty("java.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                processor(unknown),
                Runtime.getRuntime().availableProcessors());
    }

    private static String processor(String unknown) {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(unknown);
        } catch (IOException e) {
            return unknown;
        }
    }
}
