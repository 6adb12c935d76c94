package io.bowstring.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another disk, which tells what has changed on it, in a line each. Confined to one thread. */
final class ToldDisk implements Disk {
    private final Disk disk;
    private final List<String> changes = new ArrayList<>();

    ToldDisk(Disk disk) {
        this.disk = disk;
    }

    /** Returns what has been changed so far, in order. */
    List<String> changes() {
        return changes;
    }

    private void tell(Path file, String change) {
        changes.add(file + ": " + change);
    }

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
        disk.createDirectory(directory);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return new ToldFile(file, disk.create(file), true);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new ToldFile(file, disk.open(file), false);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
        tell(from, "set aside as " + to.getFileName());
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
        tell(file, "removed: it has nothing");
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }

    /** A file that tells, once it is closed. */
    private final class ToldFile implements DiskFile {
        private final Path path;
        private final DiskFile file;
        private final boolean isNew;
        private final long sizeBefore;

        /** The shortest that it has been. */
        private long kept;

        ToldFile(Path path, DiskFile file, boolean isNew) throws IOException {
            this.path = path;
            this.file = file;
            this.isNew = isNew;
            this.sizeBefore = file.size();
            this.kept = sizeBefore;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void write(long position, ByteBuffer... bytes) throws IOException {
            file.write(position, bytes);
        }

        @Override
        public int read(long position, ByteBuffer to) throws IOException {
            return file.read(position, to);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
            kept = Math.min(kept, size);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            long size = file.size();
            file.close();
            if (kept < sizeBefore) {
                tell(path, "bytes " + kept + " to " + sizeBefore + " cut off");
            }
            if (isNew) {
                tell(path, size == 0 ? "made" : "made, with " + size + " bytes");
            } else if (size > kept) {
                tell(path, size - kept + " bytes added: " + content(size - kept));
            }
        }

        private String content(long added) {
            if (SegmentFiles.ofIndex(path).isPresent()) {
                return "entries";
            }
            return added == SegmentWriter.END_BYTES ? "the end of the stream" : "batches";
        }
    }
}
