package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A folder for what is written to disk in a run, deleted with all that it has. Confined to the caller's thread. */
final class Scratch implements AutoCloseable {
    private static final String PREFIX = "bowstring-bench-";

    private static final int MAX_ATTEMPTS = 10;
    private static final long PAUSE_NANOS = 200_000_000;

    private final Path folder;
    private final Thread atExit = new Thread(this::deleteAfterTheEnd, "bench-scratch");

    private Scratch(Path folder) {
        this.folder = folder;
    }

    /** Makes one in a folder that is there. */
    static Scratch in(Path parent) throws IOException {
        Scratch scratch =
                new Scratch(Files.createTempDirectory(parent.toAbsolutePath().normalize(), PREFIX));
        Runtime.getRuntime().addShutdownHook(scratch.atExit);
        return scratch;
    }

    /** Makes a folder in it, of a name that it does not have yet. */
    Path newFolder(String name) throws IOException {
        return Files.createDirectory(folder.resolve(name));
    }

    /** Deletes a folder or a file with all that it has; also while a process that ends still deletes from it. */
    static void delete(Path root) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(root)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }

    /** This process ends early: its children end at the same time, and may write while this deletes. */
    private void deleteAfterTheEnd() {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                delete(folder);
                return;
            } catch (IOException | RuntimeException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        System.err.println(folder + " is not deleted (expected: nobody writes to it)");
    }

    @Override
    public void close() throws IOException {
        Runtime.getRuntime().removeShutdownHook(atExit);
        delete(folder);
    }
}
