package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long event loops of a server's process were ready to run and had no processor: other processes had them, or the server's
 * other threads. Linux counts it; elsewhere it is nothing. Immutable.
 */
final class ProcessorWait {
    /** Linux keeps 15 characters of a thread's name. */
    private static final String LOOP = "bowstring-loop-";

    private final List<Path> loops;

    private ProcessorWait(List<Path> loops) {
        this.loops = loops;
    }

    /** Finds the loops that run now: a server with few connections has few. */
    static ProcessorWait find(long pid) {
        List<Path> loops = new ArrayList<>();
        Path all = Path.of("/proc", Long.toString(pid), "task");
        if (Files.isDirectory(all)) {
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(all)) {
                for (Path task : tasks) {
                    if (Files.readString(task.resolve("comm")).strip().equals(LOOP)) {
                        loops.add(task.resolve("schedstat"));
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                throw new AssertionError("the loops of process " + pid, e);
            }
            if (loops.isEmpty()) {
                throw new AssertionError("threads of process " + pid + ": none named " + LOOP + "...");
            }
        }
        return new ProcessorWait(loops);
    }

    /** Returns for how long each loop has waited since it began, in nanoseconds. */
    long[] read() {
        return loops.stream().mapToLong(ProcessorWait::read).toArray();
    }

    private static long read(Path schedstat) {
        try {
            String[] ranAndWaited = Files.readString(schedstat).split(" ");
            return Long.parseLong(ranAndWaited[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the process is gone
        }
    }

    /** Returns for how long every loop has waited, at least, since a time before. */
    long shortestSince(long[] before) {
        long[] now = read();
        long shortest = now.length == 0 ? 0 : Long.MAX_VALUE;
        for (int i = 0; i < now.length; i++) {
            shortest = Math.min(shortest, now[i] - before[i]);
        }
        return shortest;
    }
}
