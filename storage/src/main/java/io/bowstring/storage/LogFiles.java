package io.bowstring.storage;

import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The files of one topic. Immutable.
 *
 * @param minFreeBytes that must be left on the disk when something has been written
 */
record LogFiles(Disk disk, TopicName topic, SegmentFiles names, long minFreeBytes) {
    /** Not the name of a topic. */
    private static final String DELETED = "~deleted-";

    /** Returns the topic's directory. */
    Path directory() {
        return names.directory();
    }

    /** Returns a segment for readers. */
    StoredSegment stored(SegmentIndex index) {
        return new StoredSegment(disk, names.segment(index.firstOffset()), index);
    }

    /** Deletes a segment and what belongs to it. */
    void delete(long firstOffset) throws IOException {
        deleteSegment(disk, names, firstOffset);
    }

    /**
     * Deletes a segment and its index, if there is one.
     *
     * @throws IOException where one of them cannot be deleted; the other has been, if it can be
     */
    static void deleteSegment(Disk disk, SegmentFiles names, long firstOffset) throws IOException {
        try {
            disk.delete(names.segment(firstOffset));
        } finally {
            deleteIndex(disk, names, firstOffset);
        }
    }

    /** Deletes the index of a segment, if there is one. */
    static void deleteIndex(Disk disk, SegmentFiles names, long firstOffset) throws IOException {
        try {
            disk.delete(names.index(firstOffset));
        } catch (NoSuchFileException e) {
            // It was never made, or its name was lost.
        }
    }

    /** Returns whether that is the name of a directory of a topic that has been deleted. */
    static boolean isDeleted(String name) {
        return name.startsWith(DELETED);
    }

    /** Deletes all files. The directory gets another name first: none of it comes back where that is broken off. */
    void deleteAll() throws IOException {
        Path parent = directory().getParent();
        if (!disk.isDirectory(directory()) || parent == null) {
            return;
        }
        Path deleted = parent.resolve(DELETED + UUID.randomUUID());
        disk.rename(directory(), deleted);
        disk.syncDirectory(parent);
        deleteDirectory(disk, deleted);
    }

    /** Deletes a directory and the files in it. */
    static void deleteDirectory(Disk disk, Path directory) throws IOException {
        for (Path file : disk.list(directory)) {
            disk.delete(file);
        }
        disk.delete(directory);
    }

    /**
     * Throws where a disk that has so much more would have too little left.
     *
     * @throws DiskFullException where that is so
     */
    void requireRoom(long bytes) throws IOException {
        long free = disk.freeBytes(directory());
        if (free - bytes < minFreeBytes) {
            throw new DiskFullException(free, bytes, minFreeBytes);
        }
    }
}
