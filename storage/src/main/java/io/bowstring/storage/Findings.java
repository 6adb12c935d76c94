package io.bowstring.storage;

import java.nio.file.Path;
import java.util.function.Consumer;

/** Counts what a check looks at and finds, and tells it. Confined to one thread. */
final class Findings {
    private final Consumer<StorageFinding> onFinding;
    private int topics;
    private int segments;
    private long batches;
    private long bytes;
    private int faults;
    private int notes;

    Findings(Consumer<StorageFinding> onFinding) {
        this.onFinding = onFinding;
    }

    void addTopic() {
        topics++;
    }

    void addSegment(long ownBatches, long ownBytes) {
        segments++;
        batches += ownBatches;
        bytes += ownBytes;
    }

    void fault(Path path, String place, Object found, Object expected) {
        faults++;
        onFinding.accept(new StorageFinding(true, path, place, found.toString(), expected.toString()));
    }

    void note(Path path, String place, String found) {
        notes++;
        onFinding.accept(new StorageFinding(false, path, place, found, ""));
    }

    StorageCheck.Report report() {
        return new StorageCheck.Report(topics, segments, batches, bytes, faults, notes);
    }
}
