package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A server in a process of its own, one topic of which is on disk. Owns the process. Confined to the caller's thread. */
final class FilledServer implements AutoCloseable {
    /** One publisher and one subscriber. */
    static final Shape SHAPE = Shape.of(64 << 10, 1);

    private static final double PATIENCE_SECONDS = 600;

    private final Path folder;
    private final AskedProcess process;
    private final Contestant contestant;
    private final int batches;

    /** Starts one that keeps its topics in a folder, which is empty, and publishes so many bytes. */
    FilledServer(Path folder, long bytes) throws Exception {
        this.folder = folder;
        this.batches = (int) (bytes / SHAPE.bodyBytes());
        this.process = AskedProcess.java(Lanes.DURABLE, folder);
        this.contestant = new Contestant(DurableLane.ofWrites(), process, PATIENCE_SECONDS);
        try {
            contestant.run(Turn.fast(SHAPE, batches));
        } catch (Exception e) {
            contestant.close();
            throw e;
        }
    }

    int port() {
        return process.port();
    }

    /** Returns how many batches were published before all turns: those from offset 0 on. */
    int batches() {
        return batches;
    }

    /** Returns the topic's files with batches, the oldest first. */
    List<Path> segments() throws IOException {
        return segments(folder.resolve(SocketRequests.name(0)));
    }

    /** Returns the files with batches of a topic's folder, the oldest first. */
    static List<Path> segments(Path topic) throws IOException {
        try (Stream<Path> files = Files.list(topic)) {
            return files.filter(file -> file.toString().endsWith(".arrows"))
                    .sorted()
                    .toList();
        }
    }

    /** Publishes some more, to a subscriber of its own. */
    void run(Turn turn) throws Exception {
        contestant.run(turn);
    }

    /** Kills it by SIGKILL, and waits for its end; only {@link #close} may follow. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        contestant.close();
    }
}
