package io.bowstring.storage;

import io.bowstring.protocol.TopicName;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings the files of a data directory, or of one topic's, in order, as a server does when it starts; and makes segments of batches that
 * stand whole in what is set aside, which a server does not. Nothing that can be read is lost. Not instantiable.
 */
public final class StorageRepair {
    /**
     * What has been changed, or would be. Immutable.
     *
     * @param changes a line for each, in order
     * @param otherLogs files of batches that are whole and stay set aside, as they are of another log than the topic's segments
     * @param remaining what is not as it should be after them, as a check finds it
     */
    public record Report(List<String> changes, List<StorageFinding> otherLogs, List<StorageFinding> remaining) {}

    private StorageRepair() {}

    /**
     * Returns what {@link #run} would do now: by the same decisions, of which nothing comes.
     *
     * @throws IOException where the directory cannot be read, has an unknown format, or a server uses it
     */
    public static Report plan(Path path) throws IOException {
        try (UntouchedDisk disk = new UntouchedDisk()) {
            StorageDirectory directory = StorageDirectory.of(disk, path);
            if (DirectoryLock.isTaken(directory.root())) {
                throw new IOException(directory.root() + ": another server uses it");
            }
            return repair(disk, directory);
        }
    }

    /**
     * Repairs a directory, which no server can use meanwhile. Blocks.
     *
     * @throws IOException where the directory cannot be read, has an unknown format, or a server uses it
     */
    public static Report run(Path path) throws IOException {
        Disk disk = new LocalDisk();
        StorageDirectory directory = StorageDirectory.of(disk, path);
        Closeable lock = lock(directory);
        try (lock) {
            return repair(disk, directory);
        }
    }

    /** The copy of a topic's directory may stand where no server has ever been. */
    private static Closeable lock(StorageDirectory directory) throws IOException {
        boolean isUsed = directory.isWhole() || Files.exists(directory.root().resolve(DirectoryLock.NAME));
        try {
            return isUsed ? DirectoryLock.take(directory.root()) : () -> {};
        } catch (IOException e) {
            throw new IOException(directory.root() + ": " + e.getMessage(), e);
        }
    }

    private static Report repair(Disk disk, StorageDirectory directory) throws IOException {
        for (Path topic : directory.topics()) {
            for (Path file : disk.list(topic)) {
                SegmentFormat.requireKnown(disk, file); // before anything is changed in any of them
            }
        }
        ToldDisk told = new ToldDisk(disk);
        List<StorageFinding> otherLogs = new ArrayList<>();
        for (Path topic : directory.topics()) {
            SegmentFiles files = new SegmentFiles(topic);
            SegmentRecovery recovery = SegmentRecovery.run(told, files);
            String name = StorageDirectory.name(topic);
            LogFiles logFiles = new LogFiles(told, new TopicName(name), files, 0, Runnable::run);
            new TopicSalvage(logFiles, recovery, otherLogs::add).run();
        }
        List<StorageFinding> remaining = new ArrayList<>();
        StorageCheck.run(disk, directory, false, remaining::add);
        return new Report(List.copyOf(told.changes()), List.copyOf(otherLogs), List.copyOf(remaining));
    }
}
