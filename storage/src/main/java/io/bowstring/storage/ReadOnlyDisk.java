package io.bowstring.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The disk of this machine for those who only look: nothing is changed, and files may be another user's. Immutable. */
final class ReadOnlyDisk implements Disk {
    private final Disk disk = new LocalDisk();

    @Override
    public long freeBytes(Path directory) throws IOException {
        return disk.freeBytes(directory);
    }

    @Override
    public boolean isDirectory(Path path) throws IOException {
        return disk.isDirectory(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new LocalDisk.LocalFile(FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        throw refused(directory);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        throw refused(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        throw refused(from);
    }

    @Override
    public void delete(Path file) throws IOException {
        throw refused(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        throw refused(directory);
    }

    private static IOException refused(Path path) {
        return new IOException(path + ": to be changed (expected: it is only read)");
    }
}
