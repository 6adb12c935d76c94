package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Reads all files of a data directory, or of one topic's, and compares them with their checksums, their indexes and one another. Writes
 * nothing; a server may use the directory meanwhile. Not instantiable.
 *
 * <p>Whatever the end of a topic's newest segment may be while a server writes is no fault; nor is it what a kill leaves there: that is
 * noted, as what the next start cuts off. What recovery has set aside is noted as well.
 */
public final class StorageCheck {
    /**
     * What a check has looked at and found. Immutable.
     *
     * @param topics how many directories
     * @param segments how many files
     * @param batches that are whole
     * @param bytes of all segments
     * @param faults how many findings were faults
     * @param notes how many were not
     */
    public record Report(int topics, int segments, long batches, long bytes, int faults, int notes) {}

    private StorageCheck() {}

    /**
     * Checks a directory. Blocks.
     *
     * @param onFinding hears each fault and each note
     * @throws IOException where the directory cannot be read
     */
    public static Report run(Path path, Consumer<StorageFinding> onFinding) throws IOException {
        Disk disk = new ReadOnlyDisk();
        StorageDirectory directory = StorageDirectory.of(disk, path);
        return run(disk, directory, DirectoryLock.isTaken(directory.root()), onFinding);
    }

    /** Checks a directory that a server uses, or not. */
    static Report run(Disk disk, StorageDirectory directory, boolean isLive, Consumer<StorageFinding> onFinding)
            throws IOException {
        Findings findings = new Findings(onFinding);
        for (Path other : directory.others()) {
            if (LogFiles.isDeleted(StorageDirectory.name(other))) {
                findings.note(other, "", "a topic that was deleted; the next start removes its files");
            } else {
                findings.fault(other, "", "unknown", "directories of topics");
            }
        }
        for (Path topic : directory.topics()) {
            try {
                new TopicCheck(disk, new SegmentFiles(topic), isLive, findings).run();
            } catch (NoSuchFileException e) {
                if (!isLive) { // else it has been deleted meanwhile
                    throw e;
                }
            }
        }
        return findings.report();
    }
}
