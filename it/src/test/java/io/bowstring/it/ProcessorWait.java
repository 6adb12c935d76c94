package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long event loops of a server's process were ready to run while other processes had the processors. Linux counts it;
 * elsewhere it is nothing. Immutable.
 */
final class ProcessorWait {
    /** Linux keeps 15 characters of a thread's name. */
    private static final String LOOP = "bowstring-loop-";

    private final ProcessHandle process;
    private final List<Path> loops;

    private ProcessorWait(ProcessHandle process, List<Path> loops) {
        this.process = process;
        this.loops = loops;
    }

    /**
     * What there has been until a time.
     *
     * @param loopNanos how long each loop has waited
     * @param usedNanos what the process has had of all processors
     */
    record Reading(List<Long> loopNanos, long usedNanos) {}

    /** Finds the loops that run now: a server with few connections has few. */
    static ProcessorWait find(long pid) {
        List<Path> loops = new ArrayList<>();
        Path all = Path.of("/proc", Long.toString(pid), "task");
        if (Files.isDirectory(all)) {
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(all)) {
                for (Path task : tasks) {
                    if (isLoop(task)) {
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
        return new ProcessorWait(ProcessHandle.of(pid).orElseThrow(), loops);
    }

    private static boolean isLoop(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip().equals(LOOP);
        } catch (IOException e) {
            return false; // a thread that has ended; loops run as long as the server
        }
    }

    /** Returns what there has been until now. */
    Reading read() {
        long usedNanos = process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        return new Reading(loops.stream().map(ProcessorWait::read).toList(), usedNanos);
    }

    private static long read(Path schedstat) {
        try {
            String[] ranAndWaited = Files.readString(schedstat).split(" ");
            return Long.parseLong(ranAndWaited[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the process is gone
        }
    }

    /**
     * Returns for how long every loop has waited at least, and that because of other processes: no longer than all processors together
     * were not this process's.
     */
    static long nanosBetween(Reading before, Reading now, long wallNanos) {
        long shortest = now.loopNanos.isEmpty() ? 0 : Long.MAX_VALUE;
        for (int i = 0; i < now.loopNanos.size(); i++) {
            shortest = Math.min(shortest, now.loopNanos.get(i) - before.loopNanos.get(i));
        }
        long usedNanos = now.usedNanos - before.usedNanos;
        long othersNanos = wallNanos - usedNanos / Runtime.getRuntime().availableProcessors();
        return Math.max(0, Math.min(shortest, othersNanos));
    }
}
