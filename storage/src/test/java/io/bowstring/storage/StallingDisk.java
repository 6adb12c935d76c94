package io.bowstring.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk of this machine on which the syncs of some files take as long as the test wants. Thread-safe. */
final class StallingDisk implements Disk {
    private final Disk disk = new LocalDisk();
    private final String part;
    private final AtomicInteger promptSyncs;
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    /** Creates a disk that stalls in files whose paths have a part. */
    StallingDisk(String part) {
        this(part, 0);
    }

    /** Creates a disk that stalls in such files after so many syncs of them. */
    StallingDisk(String part, int promptSyncs) {
        this.part = part;
        this.promptSyncs = new AtomicInteger(promptSyncs);
    }

    /** Waits until a sync has begun that does not end. */
    void awaitStall() throws InterruptedException {
        stalled.await();
    }

    /** Lets it end. */
    void endStall() {
        end.countDown();
    }

    private record File(StallingDisk disk, DiskFile file, boolean stalls) implements DiskFile {
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
        }

        @Override
        public void sync() throws IOException {
            if (stalls && disk.promptSyncs.getAndDecrement() <= 0) {
                disk.stalled.countDown();
                try {
                    disk.end.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private DiskFile file(Path path, DiskFile file) {
        return new File(this, file, path.toString().contains(part));
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
        return file(file, disk.create(file));
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return file(file, disk.open(file));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }
}
