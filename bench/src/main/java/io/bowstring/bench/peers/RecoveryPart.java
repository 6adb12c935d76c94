package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures how long a server, in this process, takes from its start until a subscriber has a batch of a topic whose server was killed.
 * One round more is not counted. Confined to the caller's thread.
 */
final class RecoveryPart {
    private static final double GIBIBYTE = 1 << 30;

    private final PeersConfig config;
    private final Replayer reader = new Replayer();
    private int copies;

    RecoveryPart(PeersConfig config) {
        this.config = config;
    }

    RecoveryFindings run() throws Exception {
        try (Scratch scratch = Scratch.in(config.disk())) {
            Path killed = scratch.newFolder("killed");
            try (FilledServer server = new FilledServer(killed, config.storedBytes())) {
                server.kill();
            }
            Path topic = killed.resolve(SocketRequests.name(0));
            long bytes = 0;
            for (Path segment : FilledServer.segments(topic)) {
                bytes += Files.size(segment);
            }
            Rounds indexed = new Rounds();
            Rounds bare = new Rounds();
            for (int round = 0; round <= config.rounds(); round++) {
                double indexedSeconds = openCopy(scratch, topic, true);
                double bareSeconds = openCopy(scratch, topic, false);
                if (round > 0) {
                    indexed.add(indexedSeconds / (bytes / GIBIBYTE));
                    bare.add(bareSeconds / (bytes / GIBIBYTE));
                }
            }
            return new RecoveryFindings(bytes, indexed, bare);
        }
    }

    /** Opens the files as they were after the kill, and returns how many seconds that took. */
    private double openCopy(Scratch scratch, Path topic, boolean isIndexed) throws Exception {
        Path folder = scratch.newFolder("copy" + copies++);
        copy(topic, Files.createDirectory(folder.resolve(topic.getFileName())), isIndexed);
        long start = System.nanoTime();
        try (Relay server = DurableLane.ofWrites().relay(folder)) {
            long bytes = reader.replay(server.port(), 1);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (bytes < Turn.fast(FilledServer.SHAPE, 1).expectedBodyBytes()) {
                throw new IOException("received: " + bytes + " bytes (expected: a batch)");
            }
            return seconds;
        } finally {
            Scratch.delete(folder);
        }
    }

    /** Links segments, which do not change, and copies the newest and the indexes; what is copied is on disk then. */
    private static void copy(Path topic, Path to, boolean isIndexed) throws IOException {
        List<Path> segments = FilledServer.segments(topic);
        Path newest = segments.get(segments.size() - 1);
        try (Stream<Path> files = Files.list(topic)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(file.getFileName());
                if (segments.contains(file) && !file.equals(newest)) {
                    Files.createLink(copy, file);
                } else if (file.equals(newest) || isIndexed) {
                    Files.copy(file, copy);
                    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
    }
}
