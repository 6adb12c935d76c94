package io.bowstring.it;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How long each event loop of a server's process was ready to run and had no processor: other processes had them, or the
 * server's other threads. Linux counts it; elsewhere it is nothing. Immutable.
 */
final class ProcessorWait {
    /** Linux keeps 15 characters of a thread's name. */
    private static final String LOOP = "bowstring-loop-";

    private final Map<String, Long> nanos = new HashMap<>();

    private ProcessorWait() {}

    /** Returns what the loops of a process have waited until now. */
    static ProcessorWait of(long pid) {
        ProcessorWait wait = new ProcessorWait();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                wait.add(task);
            }
        } catch (IOException e) {
            // The process is gone, or this is not Linux.
        }
        return wait;
    }

    private void add(Path task) {
        try {
            if (Files.readString(task.resolve("comm")).strip().equals(LOOP)) {
                String[] ranAndWaited =
                        Files.readString(task.resolve("schedstat")).split(" ");
                nanos.put(task.getFileName().toString(), Long.parseLong(ranAndWaited[1]));
            }
        } catch (IOException e) {
            // The thread has ended.
        }
    }

    /** Returns the wait of the loop that has waited longest since a time before. */
    long longestNanosSince(ProcessorWait before) {
        return nanos.entrySet().stream()
                .mapToLong(loop -> loop.getValue() - before.nanos.getOrDefault(loop.getKey(), 0L))
                .max()
                .orElse(0);
    }
}
