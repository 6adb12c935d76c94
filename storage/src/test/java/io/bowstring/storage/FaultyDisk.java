package io.bowstring.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A disk in memory that can lose power: what has not been synced is there then or is not, in pieces of a sector each, and the names in
 * a directory come and go in the order in which they were made. It may write less than it is asked to, be full, and fail at
 * anything; what was to be synced then may be lost although a later sync succeeds. Thread-safe.
 */
final class FaultyDisk implements Disk {
    /** What a dead machine, or a dead process, says. */
    static final class PowerLoss extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** What can fail. */
    enum Operation {
        IS_DIRECTORY,
        CREATE_DIRECTORY,
        LIST,
        CREATE,
        OPEN,
        RENAME,
        DELETE,
        SYNC_DIRECTORY,
        SIZE,
        WRITE,
        READ,
        TRUNCATE,
        SYNC
    }

    /** Says what fails. */
    interface Fault {
        Fault NONE = (operation, file) -> false;

        boolean strikes(Operation operation, Path file);
    }

    private final Random random;
    private final FaultyFolder root = new FaultyFolder();

    private long operationsLeft;
    private long freeBytes;
    private long freeNames;
    private int failingSyncs;
    private Fault fault = Fault.NONE;
    private boolean isShort;
    private boolean isDead;

    FaultyDisk(Random random) {
        this.random = random;
        restartProcess();
    }

    /** Lets the machine, or the process, die in so many operations. */
    synchronized void dieIn(long operations) {
        operationsLeft = operations;
    }

    /** Lets files become so many bytes longer, together, and no longer. */
    synchronized void setFreeBytes(long bytes) {
        freeBytes = bytes;
    }

    /** Lets so many files and directories be made, then none. */
    synchronized void setFreeNames(long names) {
        freeNames = names;
    }

    /** Lets the next syncs of files fail. */
    synchronized void failSyncs(int count) {
        failingSyncs = count;
    }

    /** Lets operations fail. */
    synchronized void setFault(Fault newFault) {
        fault = newFault;
    }

    /** Lets writes take only a part at once. */
    synchronized void setShort(boolean isShortNow) {
        isShort = isShortNow;
    }

    /** Loses power, if it is not lost yet, and comes back with what has survived. */
    synchronized void restart() {
        root.loseUnsynced(random);
        restartProcess();
    }

    /** Kills the process, if it is not dead yet: all that was written is there, and as much of it as before survives a loss of power. */
    synchronized void restartProcess() {
        isDead = false;
        operationsLeft = Long.MAX_VALUE;
        freeBytes = Long.MAX_VALUE;
        freeNames = Long.MAX_VALUE;
        failingSyncs = 0;
        fault = Fault.NONE;
    }

    /** Returns the bytes of a file as they are now; a copy. */
    synchronized byte[] bytes(Path file) {
        return content(file).live().clone();
    }

    /** Changes a byte of a file for good. */
    synchronized void damage(Path file, int index, int xor) {
        content(file).damage(index, xor);
    }

    private FaultyContent content(Path file) {
        try {
            return root.folder(file.getParent()).require(file);
        } catch (NoSuchFileException e) {
            throw unchecked(e);
        }
    }

    private void operate(Operation operation, Path file) throws IOException {
        live();
        if (fault.strikes(operation, file)) {
            throw new IOException("Input/output error");
        }
    }

    private void live() {
        if (isDead || operationsLeft-- <= 0) {
            isDead = true;
            throw new PowerLoss();
        }
    }

    private void takeName() throws IOException {
        if (freeNames <= 0) {
            throw new IOException("No space left on device");
        }
        freeNames--;
    }

    @Override
    public synchronized long freeBytes(Path directory) {
        return freeBytes;
    }

    @Override
    public synchronized boolean isDirectory(Path path) throws IOException {
        operate(Operation.IS_DIRECTORY, path);
        try {
            root.folder(path);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public synchronized void createDirectory(Path directory) throws IOException {
        operate(Operation.CREATE_DIRECTORY, directory);
        takeName();
        root.folder(directory.getParent()).put(directory, new FaultyFolder());
    }

    @Override
    public synchronized List<Path> list(Path directory) throws IOException {
        operate(Operation.LIST, directory);
        return root.folder(directory).list(directory);
    }

    @Override
    public synchronized DiskFile create(Path file) throws IOException {
        operate(Operation.CREATE, file);
        FaultyFolder folder = root.folder(file.getParent());
        if (folder.has(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        takeName();
        FaultyContent content = new FaultyContent();
        folder.put(file, content);
        return new File(file, content);
    }

    @Override
    public synchronized DiskFile open(Path file) throws IOException {
        operate(Operation.OPEN, file);
        return new File(file, root.folder(file.getParent()).require(file));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        operate(Operation.RENAME, from);
        root.folder(from.getParent()).rename(from, to);
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        operate(Operation.DELETE, file);
        giveBack(root.folder(file.getParent()).remove(file));
    }

    private void giveBack(long bytes) {
        freeBytes += Math.min(bytes, Long.MAX_VALUE - freeBytes);
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        operate(Operation.SYNC_DIRECTORY, directory);
        root.folder(directory).sync();
    }

    private final class File implements DiskFile {
        private final Path path;
        private final FaultyContent content;

        private File(Path path, FaultyContent content) {
            this.path = path;
            this.content = content;
        }

        @Override
        public long size() throws IOException {
            synchronized (FaultyDisk.this) {
                operate(Operation.SIZE, path);
                return content.live().length;
            }
        }

        @Override
        public void write(long position, ByteBuffer... bytes) throws IOException {
            synchronized (FaultyDisk.this) {
                boolean wasDead = isDead;
                try {
                    operate(Operation.WRITE, path);
                } catch (PowerLoss | IOException e) {
                    take(position, wasDead ? 0 : random.nextInt(2), bytes); // some of it
                    throw e;
                }
                if (take(position, Integer.MAX_VALUE, bytes) == 0
                        && Arrays.stream(bytes).anyMatch(ByteBuffer::hasRemaining)) {
                    throw new IOException("No space left on device");
                }
            }
        }

        private int take(long position, int most, ByteBuffer... bytes) {
            int at = Math.toIntExact(position);
            int wanted = Arrays.stream(bytes).mapToInt(ByteBuffer::remaining).sum();
            boolean isPart = wanted > 1 && (isShort || most == 1);
            long room = Math.max(0, content.live().length - at) + freeBytes;
            int taken = (int)
                    Math.min(most == 0 ? 0 : isPart ? 1 + random.nextInt(wanted) : wanted, room < 0 ? wanted : room);
            freeBytes -= Math.max(0, at + taken - content.live().length);
            content.write(at, taken, bytes);
            return taken;
        }

        @Override
        public int read(long position, ByteBuffer to) throws IOException {
            synchronized (FaultyDisk.this) {
                operate(Operation.READ, path);
                byte[] live = content.live();
                int count = Math.max(0, Math.min(to.remaining(), live.length - Math.toIntExact(position)));
                to.put(live, Math.min((int) position, live.length), count);
                return count;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyDisk.this) {
                operate(Operation.TRUNCATE, path);
                giveBack(Math.max(0, content.live().length - size));
                content.truncate(size);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (FaultyDisk.this) {
                live();
                if (failingSyncs > 0 || fault.strikes(Operation.SYNC, path)) {
                    failingSyncs--;
                    content.failToSync(random);
                    throw new IOException("Input/output error");
                }
                content.sync();
            }
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /** Returns an unchecked exception for one that cannot be thrown. */
    static UncheckedIOException unchecked(IOException e) {
        return new UncheckedIOException(e);
    }
}
