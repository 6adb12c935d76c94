package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * What a log does with files and directories, and nothing else: a test puts a disk in its place that loses what has not been
 * synced. Thread-safe.
 */
interface Disk {
    /** Makes a directory, and those above it, which are there after a loss of power. One that is there stays. */
    default void makeDirectory(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path path = directory.toAbsolutePath();
        while (path != null && !isDirectory(path)) {
            missing.push(path);
            path = path.getParent();
        }
        Path parent = path == null ? null : path.getParent();
        if (parent != null) {
            // Whoever made the one that is there may have been killed before this, or have failed at it.
            try {
                syncDirectory(parent);
            } catch (AccessDeniedException e) {
                // It is another's, who has made that one for us.
            }
        }
        for (Path each : missing) {
            createDirectory(each);
            syncDirectory(Objects.requireNonNull(each.getParent())); // the root is there
        }
    }

    /** Returns how many bytes there is room for where a directory is. */
    long freeBytes(Path directory) throws IOException;

    /** Returns whether there is a directory of a name. */
    boolean isDirectory(Path path) throws IOException;

    /** Makes a directory in one that is there; its name is there after a loss of power once that one is synced. */
    void createDirectory(Path directory) throws IOException;

    /** Returns what is in a directory, in the order of the names. */
    List<Path> list(Path directory) throws IOException;

    /** Makes an empty file and opens it; its name is there after a loss of power once its directory is synced. */
    DiskFile create(Path file) throws IOException;

    /** Opens a file that is there. */
    DiskFile open(Path file) throws IOException;

    /** Gives a file another name in the same directory, also one that another file has, which goes. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a name; whoever has the file open may still read it. */
    void delete(Path file) throws IOException;

    /** Makes the names in a directory survive a loss of power. */
    void syncDirectory(Path directory) throws IOException;
}
