package io.bowstring.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A disk on which everything that is done seems to have been done, and nothing is: what is written goes to temporary files elsewhere,
 * which go with it. Confined to one thread.
 */
final class UntouchedDisk implements Disk, Closeable {
    private final Disk disk = new ReadOnlyDisk();

    /** What names mean that have been given or changed. */
    private final Map<Path, Content> contents = new HashMap<>();

    private final TreeSet<Path> gone = new TreeSet<>();

    @Override
    public long freeBytes(Path directory) throws IOException {
        return disk.freeBytes(directory);
    }

    @Override
    public boolean isDirectory(Path path) throws IOException {
        return disk.isDirectory(path);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        throw new IOException(directory + ": missing (expected: a directory)");
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        TreeSet<Path> names = new TreeSet<>(disk.list(directory));
        names.removeAll(gone);
        contents.keySet().stream()
                .filter(path -> directory.equals(path.getParent()))
                .forEach(names::add);
        return List.copyOf(names);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        if (contents.containsKey(file) || (Files.exists(file) && !gone.contains(file))) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Content content = new Content(null);
        contents.put(file, content);
        return content.open();
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return content(file).open();
    }

    private Content content(Path file) throws IOException {
        Content present = contents.get(file);
        if (present != null) {
            return present;
        }
        if (gone.contains(file)) {
            throw new NoSuchFileException(file.toString());
        }
        Content found = new Content(disk.open(file));
        contents.put(file, found);
        return found;
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Content content = content(from);
        delete(from);
        contents.put(to, content);
        gone.remove(to);
    }

    @Override
    public void delete(Path file) throws IOException {
        content(file);
        contents.remove(file);
        gone.add(file);
    }

    @Override
    public void syncDirectory(Path directory) {
        // Nothing has changed.
    }

    @Override
    public void close() throws IOException {
        for (Content content : contents.values()) {
            content.end();
        }
    }

    /** What a file seems to have. */
    private static final class Content {
        private final @Nullable DiskFile base;

        /** What has been written stands where it seems to stand; from one position until another. */
        private final TreeMap<Long, Long> written = new TreeMap<>();

        private @Nullable FileChannel changes;
        private long baseSize;
        private long size;

        Content(@Nullable DiskFile base) throws IOException {
            this.base = base;
            this.baseSize = base == null ? 0 : base.size();
            this.size = baseSize;
        }

        DiskFile open() {
            return new Opened(this);
        }

        void write(long position, ByteBuffer bytes) throws IOException {
            FileChannel to = changes == null ? makeChanges() : changes;
            changes = to;
            long end = position + bytes.remaining();
            while (bytes.hasRemaining()) {
                to.write(bytes, end - bytes.remaining());
            }
            written.merge(position, end, Math::max);
            size = Math.max(size, end);
        }

        private static FileChannel makeChanges() throws IOException {
            return FileChannel.open(
                    Files.createTempFile("bowstring-repair", ""),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        }

        int read(long position, ByteBuffer to) throws IOException {
            int count = (int) Math.max(0, Math.min(to.remaining(), size - position));
            ByteBuffer part = to.slice(to.position(), count);
            int fromBase = (int) Math.max(0, Math.min(count, baseSize - position));
            if (fromBase > 0 && base != null) {
                base.read(position, part.slice(0, fromBase));
            }
            for (Map.Entry<Long, Long> change : written.entrySet()) {
                long start = Math.max(position, change.getKey());
                long end = Math.min(position + count, Math.min(size, change.getValue()));
                if (start < end && changes != null) {
                    changes.read(part.slice((int) (start - position), (int) (end - start)), start);
                }
            }
            to.position(to.position() + count);
            return count;
        }

        void truncate(long newSize) {
            size = Math.min(size, newSize);
            baseSize = Math.min(baseSize, newSize);
            written.tailMap(newSize).clear();
            written.replaceAll((start, end) -> Math.min(end, newSize));
        }

        void end() throws IOException {
            if (base != null) {
                base.close();
            }
            if (changes != null) {
                changes.close();
            }
        }
    }

    private record Opened(Content content) implements DiskFile {
        @Override
        public long size() {
            return content.size;
        }

        @Override
        public void write(long position, ByteBuffer... bytes) throws IOException {
            long at = position;
            for (ByteBuffer each : bytes) {
                int count = each.remaining();
                content.write(at, each);
                at += count;
            }
        }

        @Override
        public int read(long position, ByteBuffer to) throws IOException {
            return content.read(position, to);
        }

        @Override
        public void truncate(long newSize) {
            content.truncate(newSize);
        }

        @Override
        public void sync() {
            // Nothing is to survive.
        }

        @Override
        public void close() {
            // Its disk keeps it.
        }
    }
}
