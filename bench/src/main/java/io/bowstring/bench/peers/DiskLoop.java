package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Writes to files of the size that segments have, and syncs each write. Owns the newest. Confined to one thread at a time. */
final class DiskLoop implements AutoCloseable {
    private static final long FILE_BYTES = 128L << 20;
    private static final int KEPT_FILES = (int) (Durability.RETAINED_BYTES / FILE_BYTES);

    private final Path folder;
    private @Nullable FileChannel newest;
    private long newestBytes;
    private int files;

    /** Creates one that has written nothing to a folder. */
    DiskLoop(Path folder) {
        this.folder = folder;
    }

    /** Writes a group, borrowed, and syncs it. */
    void write(ByteBuffer group) throws IOException {
        FileChannel file = newest == null || newestBytes >= FILE_BYTES ? begin() : newest;
        newestBytes += group.remaining();
        while (group.hasRemaining()) {
            file.write(group);
        }
        file.force(false);
    }

    /** Begins another file, and deletes one that is more than is kept. */
    private FileChannel begin() throws IOException {
        close();
        FileChannel begun = FileChannel.open(file(files), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        newest = begun;
        newestBytes = 0;
        Files.deleteIfExists(file(files - KEPT_FILES));
        files++;
        return begun;
    }

    private Path file(int number) {
        return folder.resolve("file" + number);
    }

    @Override
    public void close() throws IOException {
        if (newest != null) {
            newest.close();
            newest = null;
        }
    }
}
