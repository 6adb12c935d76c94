package io.bowstring.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps a second server from a directory, by the lock on a file in it; the system takes that back where a process ends. Thread-safe. */
final class DirectoryLock implements Closeable {
    /** Not the name of a topic. */
    static final String NAME = "~lock";

    /**
     * The directories that this process has. The system takes back the lock of a process as soon as that closes the file, by whichever
     * channel: so none is opened of a file that is here.
     */
    private static final Set<Path> TAKEN = new HashSet<>();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Takes the lock of a directory.
     *
     * @throws IOException where another server has it, or the directory cannot be written to
     */
    static DirectoryLock take(Path directory) throws IOException {
        Path real = directory.toRealPath();
        synchronized (TAKEN) {
            if (TAKEN.contains(real)) {
                throw inUse();
            }
            FileChannel channel =
                    FileChannel.open(real.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (tryLock(channel) == null) {
                    throw inUse();
                }
                TAKEN.add(real);
                return new DirectoryLock(real, channel);
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        }
    }

    private static IOException inUse() {
        return new IOException("another server uses it");
    }

    /**
     * Returns whether a server uses a directory, which is not written to. Who asks has the lock for a moment, and shares it: a server that
     * starts just then may be refused.
     */
    static boolean isTaken(Path directory) throws IOException {
        synchronized (TAKEN) {
            return Files.exists(directory) && (TAKEN.contains(directory.toRealPath()) || isLocked(directory));
        }
    }

    private static boolean isLocked(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(NAME), StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (OverlappingFileLockException e) { // a server of this process
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) { // a server of this process
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (TAKEN) {
            channel.close();
            TAKEN.remove(directory);
        }
    }
}
