package io.bowstring.storage;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a tool is given to look at: a data directory, or that of one topic.
 *
 * @param root the data directory, where the lock is; of a topic's it is the one above
 * @param topics the topics' directories
 * @param others what else is in the data directory, but for the lock
 * @param isWhole whether it is a data directory
 */
record StorageDirectory(Path root, List<Path> topics, List<Path> others, boolean isWhole) {
    /**
     * Looks at what there is.
     *
     * @throws IOException where it is no directory, or cannot be read
     */
    static StorageDirectory of(Disk disk, Path path) throws IOException {
        Path directory = path.toAbsolutePath().normalize();
        if (!Files.exists(directory)) {
            throw new IOException(path + ": no such directory");
        }
        if (!disk.isDirectory(directory)) {
            throw new NotDirectoryException(path + ": a file (expected: a directory)");
        }
        List<Path> present = disk.list(directory);
        Path parent = directory.getParent();
        if (parent != null && present.stream().anyMatch(StorageDirectory::isOfTopic)) {
            return new StorageDirectory(parent, List.of(directory), List.of(), false);
        }
        List<Path> topics = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        for (Path each : present) {
            if (disk.isDirectory(each) && isTopicName(name(each))) {
                topics.add(each);
            } else if (!name(each).equals(DirectoryLock.NAME)) {
                others.add(each);
            }
        }
        return new StorageDirectory(directory, topics, others, true);
    }

    private static boolean isOfTopic(Path file) {
        return SegmentFiles.ofSegment(file).isPresent()
                || SegmentFiles.ofIndex(file).isPresent()
                || SegmentFiles.ofDamaged(file).isPresent()
                || SegmentFiles.ofCut(file).isPresent();
    }

    private static boolean isTopicName(String name) {
        try {
            return new TopicName(name).value().equals(name);
        } catch (ProtocolException e) {
            return false;
        }
    }

    /** Returns the last part of a path. */
    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
