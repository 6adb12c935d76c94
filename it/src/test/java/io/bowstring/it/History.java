package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of what has happened in a test, which is kept where the test fails. Not instantiable. */
final class History {
    private History() {}

    /** A test that writes to a folder. */
    interface Scenario {
        void run(Path folder) throws Exception;
    }

    /** Runs a test; where it fails, the message has its seed and the folder, which then has the list of its files as well. */
    static void of(String test, long seed, Scenario scenario) throws IOException {
        Path folder = Project.inModule("target/histories").resolve(test + "-" + seed);
        delete(folder);
        Files.createDirectories(folder);
        try {
            scenario.run(folder);
        } catch (Exception | Error e) {
            Files.write(folder.resolve("files.txt"), files(folder));
            throw new AssertionError(e.getMessage() + "\n-Dbowstring.seed=" + seed + ", history in " + folder, e);
        }
        delete(folder);
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> folder.relativize(file) + " " + file.toFile().length())
                    .toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
