package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The names in a directory of a {@link FaultyDisk}, those of directories included: each is a {@link FaultyFolder} or a {@link
 * FaultyContent}. A name is the last part of a path. Guarded by the disk.
 */
final class FaultyFolder {
    private final Map<Path, Object> live = new TreeMap<>();
    private Map<Path, Object> synced = new TreeMap<>();

    /** The names as they were after each change since the last sync. */
    private final List<Map<Path, Object>> changes = new ArrayList<>();

    /** Returns a directory below this one, which is the root. */
    FaultyFolder folder(Path directory) throws NoSuchFileException {
        Path parent = directory.getParent();
        if (parent == null) {
            return this;
        }
        if (folder(parent).live.get(directory.getFileName()) instanceof FaultyFolder found) {
            return found;
        }
        throw new NoSuchFileException(directory.toString());
    }

    /** Returns the paths of what is here, by the path that this one has now. */
    List<Path> list(Path directory) {
        return live.keySet().stream().map(directory::resolve).toList();
    }

    boolean has(Path name) {
        return live.containsKey(name.getFileName());
    }

    FaultyContent require(Path file) throws NoSuchFileException {
        if (live.get(file.getFileName()) instanceof FaultyContent content) {
            return content;
        }
        throw new NoSuchFileException(file.toString());
    }

    void put(Path name, Object named) {
        live.put(name.getFileName(), named);
        changes.add(new TreeMap<>(live));
    }

    void rename(Path from, Path to) throws NoSuchFileException {
        if (!has(from)) {
            throw new NoSuchFileException(from.toString());
        }
        live.put(to.getFileName(), live.remove(from.getFileName()));
        changes.add(new TreeMap<>(live));
    }

    /** Removes a name; returns how many bytes are free then. */
    long remove(Path name) throws IOException {
        Object named = live.get(name.getFileName());
        if (named == null) {
            throw new NoSuchFileException(name.toString());
        }
        if (named instanceof FaultyFolder folder && !folder.live.isEmpty()) {
            throw new DirectoryNotEmptyException(name.toString());
        }
        live.remove(name.getFileName());
        changes.add(new TreeMap<>(live));
        return named instanceof FaultyContent content ? content.live().length : 0;
    }

    void sync() {
        synced = new TreeMap<>(live);
        changes.clear();
    }

    /** Goes back to the names as they were at some time since the last sync, and so do all directories that are left. */
    void loseUnsynced(Random random) {
        changes.add(0, synced);
        Map<Path, Object> left = new TreeMap<>(changes.get(random.nextInt(changes.size())));
        live.clear();
        live.putAll(left);
        sync();
        for (Object each : live.values()) {
            if (each instanceof FaultyFolder folder) {
                folder.loseUnsynced(random);
            } else if (each instanceof FaultyContent content) {
                content.loseUnsynced(random);
            }
        }
    }
}
