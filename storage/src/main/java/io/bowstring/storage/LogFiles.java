package io.bowstring.storage;

import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one topic. Immutable.
 *
 * @param minFreeBytes that must be left on the disk when something has been written
 * @param closers run what closes files that are no longer read
 */
record LogFiles(Disk disk, TopicName topic, SegmentFiles names, long minFreeBytes, Executor closers) {
    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

    /** Not the name of a topic. */
    private static final String DELETED = "~deleted-";

    /** Returns the topic's directory. */
    Path directory() {
        return names.directory();
    }

    /** Returns a segment for readers. */
    StoredSegment stored(SegmentIndex index) {
        return new StoredSegment(disk, names.segment(index.firstOffset()), index, closers);
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

    /** Returns whether that is the name of what a topic has left that has been deleted. */
    static boolean isDeleted(String name) {
        return name.startsWith(DELETED);
    }

    /**
     * Deletes the topic. Its directory gets another name first, and no file goes before that name survives a loss of power: so all of it
     * is there afterwards, or nothing. Files that the disk does not let go of are left to the next start, which deletes them.
     *
     * @throws IOException where all files are there still, and may come back
     */
    void deleteAll() throws IOException {
        Path parent = directory().getParent();
        if (!disk.isDirectory(directory()) || parent == null) {
            return;
        }
        Path deleted = parent.resolve(DELETED + UUID.randomUUID());
        disk.rename(directory(), deleted);
        disk.syncDirectory(parent);
        deleteFiles(disk, deleted);
    }

    /** Deletes what a topic has left that was deleted, as far as the disk lets it; the rest is left to the next start. */
    static void finishDeletion(Disk disk, Path deleted) {
        try {
            disk.syncDirectory(
                    Objects.requireNonNull(deleted.getParent())); // whoever gave the name may have failed at it
        } catch (IOException e) {
            LOG.warn("{}: cannot be deleted now", deleted, e);
            return;
        }
        deleteFiles(disk, deleted);
    }

    private static void deleteFiles(Disk disk, Path deleted) {
        try {
            for (Path file : disk.list(deleted)) {
                tryDelete(disk, file);
            }
        } catch (NotDirectoryException e) {
            // It is a file, and has none.
        } catch (IOException e) {
            LOG.warn("{}: cannot be read now", deleted, e);
        }
        tryDelete(disk, deleted);
    }

    private static void tryDelete(Disk disk, Path file) {
        try {
            disk.delete(file);
        } catch (IOException e) {
            LOG.warn("{}: cannot be deleted now", file, e);
        }
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
