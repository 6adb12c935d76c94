package io.bowstring.storage;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A segment as readers have it. Its file is open while it has readers, once for all of them; so whoever reads it may continue
 * although it has been {@linkplain #remove removed} and its file deleted. A range is compared with its checksum whenever it is read,
 * unless it has just been.
 *
 * <p>The file is closed on a thread that may wait for the disk: of a file that has been deleted, the system frees the room only then. So
 * any thread may let go of a segment.
 *
 * <p>Thread-safe. No thread that reads may be interrupted: the file would be closed under the others.
 */
final class StoredSegment {
    private static final int COMPARED_BYTES = 64 << 10;

    /** So long the system is trusted to keep in memory what it has written or read. */
    private static final int CHECKED_SECONDS = 60;

    private final Disk disk;
    private final Path file;
    private final SegmentIndex index;
    private final Executor closers;
    private final boolean isMerged;

    // Guarded by this.
    /** Of each range, when its bytes were known to be as they were written; 0 for never. */
    private int[] checkedSeconds = {};

    private @Nullable DiskFile open;

    /** As long as there are readers. */
    private KnownDictionaries dictionaries = new KnownDictionaries();

    private int readers;
    private boolean isRemoved;

    /**
     * Creates a segment without readers.
     *
     * @param index of ranges that have been written, to which its writer may add
     * @param closers run what closes the file
     */
    StoredSegment(Disk disk, Path file, SegmentIndex index, Executor closers) {
        this(disk, file, index, closers, false);
    }

    private StoredSegment(Disk disk, Path file, SegmentIndex index, Executor closers, boolean isMerged) {
        this.isMerged = isMerged;
        this.disk = disk;
        this.file = file;
        this.index = index;
        this.closers = closers;
    }

    SegmentIndex index() {
        return index;
    }

    /** Returns the same segment, without readers, with ranges that are {@linkplain SegmentIndex#merged merged}: nothing more is written. */
    synchronized StoredSegment merged() {
        StoredSegment merged = new StoredSegment(disk, file, index.merged(), closers, true);
        int part = 0;
        for (int range = 0; range < merged.index.size(); range++) {
            int first = part;
            while (part < index.size()
                    && index.start(part) < merged.index.get(range).end()) {
                part++;
            }
            merged.setChecked(range, oldest(first, part));
        }
        return merged;
    }

    /**
     * Returns the same segment, without readers, with the ranges that its index file has; null where these are not more, or cannot be read.
     * Waits for the disk.
     */
    @Nullable
    StoredSegment tryRefine() {
        if (!isMerged) {
            return null;
        }
        Path indexFile = new SegmentFiles(Objects.requireNonNull(file.getParent())).index(index.firstOffset());
        try (DiskFile opened = disk.open(indexFile)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(opened.size()));
            opened.read(0, content);
            SegmentIndex fine = SegmentIndex.read(content.flip(), index.firstOffset());
            boolean isWhole = fine.end() == index.end() && fine.nextOffset() == index.nextOffset();
            return isWhole ? new StoredSegment(disk, file, fine, closers) : null;
        } catch (IOException | ArithmeticException e) {
            return null; // then more is missing than need be
        }
    }

    /** Returns when the first of some ranges was known to be as it was written; 0 where one never was. */
    private int oldest(int from, int until) {
        int now = nowSeconds();
        int age = 0;
        for (int range = from; range < until; range++) {
            int second = range < checkedSeconds.length ? checkedSeconds[range] : 0;
            if (second == 0) {
                return 0;
            }
            age = Math.max(age, now - second);
        }
        return now - age | 1;
    }

    Path file() {
        return file;
    }

    /**
     * Adds a reader; {@link #release} follows.
     *
     * @return false where the segment has been removed
     * @throws IOException where the file cannot be opened
     */
    synchronized boolean tryAcquire() throws IOException {
        if (isRemoved) {
            return false;
        }
        if (open == null) {
            open = disk.open(file);
        }
        readers++;
        return true;
    }

    /** Adds another reader, for one that there is; {@link #release} follows. */
    synchronized StoredSegment retain() {
        if (readers == 0) {
            throw new IllegalStateException("readers: 0 (expected: > 0)");
        }
        readers++;
        return this;
    }

    /** A reader lets go. Does not wait for the disk. */
    void release() {
        DiskFile idle = removeReader();
        if (idle != null) {
            try {
                closers.execute(() -> close(idle));
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                close(idle); // the storage is closed, or there is no memory for a thread
            }
        }
    }

    /** Returns the file that nobody reads any more; null where there are other readers. */
    private synchronized @Nullable DiskFile removeReader() {
        if (--readers > 0) {
            return null;
        }
        DiskFile idle = openFile();
        open = null;
        dictionaries = new KnownDictionaries();
        return idle;
    }

    private static void close(DiskFile idle) {
        try {
            idle.close();
        } catch (IOException e) {
            // Nothing has been written.
        }
    }

    /** Refuses new readers from now on; then the file may be deleted. */
    synchronized void remove() {
        isRemoved = true;
    }

    /** Returns the file; borrowed, for readers. */
    synchronized DiskFile openFile() {
        return Objects.requireNonNull(open, "readers");
    }

    /** Returns the dictionaries that its readers have found. */
    synchronized KnownDictionaries dictionaries() {
        return dictionaries;
    }

    /**
     * Returns whether a range has been written or compared with its checksum a short time ago: it is in the memory of the system, and
     * need not be compared again.
     */
    synchronized boolean isChecked(int range) {
        int second = range < checkedSeconds.length ? checkedSeconds[range] : 0;
        return second != 0 && nowSeconds() - second <= CHECKED_SECONDS;
    }

    /** A range is as it was written, just now. */
    void setChecked(int range) {
        setChecked(range, nowSeconds());
    }

    private synchronized void setChecked(int range, int second) {
        if (range >= checkedSeconds.length) {
            checkedSeconds = Arrays.copyOf(checkedSeconds, Math.max(16, 2 * range));
        }
        checkedSeconds[range] = second;
    }

    /** Returns the time in seconds, of which only differences have a meaning; never 0. */
    private static int nowSeconds() {
        return (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()) | 1;
    }

    /**
     * Reads ranges that follow one another, and compares those with their checksums that have not been compared just now.
     *
     * @param until the range after the last one
     * @param allocator returns an owned buffer with room for so many bytes, in one piece
     * @return all of them; owned
     * @throws DamagedRangeException where a range is not as it was written
     */
    ByteBuf read(int from, int until, IntFunction<ByteBuf> allocator) throws IOException {
        long start = index.start(from);
        int count = Math.toIntExact(index.start(until) - start);
        ByteBuf bytes = allocator.apply(count);
        try {
            readTo(bytes, start, count);
            for (int range = from; range < until; range++) {
                if (!isChecked(range)) {
                    check(range, bytes, bytes.readerIndex() + (int) (index.start(range) - start));
                }
            }
            return bytes;
        } catch (Throwable e) {
            bytes.release();
            throw e;
        }
    }

    /**
     * Compares a range with its checksum, unless that has just been done.
     *
     * @throws DamagedRangeException where it is not as it was written
     */
    void compare(int range, IntFunction<ByteBuf> allocator) throws IOException {
        if (!isChecked(range)) {
            read(range, range + 1, allocator).release();
        }
    }

    /**
     * Appends bytes of the file to a buffer, borrowed, that has room for them in one piece.
     *
     * @throws DamagedRangeException where the file is too short
     */
    void readTo(ByteBuf to, long position, int count) throws IOException {
        ByteBuffer room = to.nioBuffer(to.writerIndex(), count);
        int found = openFile().read(position, room);
        if (found < count) {
            throw damaged(position, position + count, Math.max(0, found) + " bytes", count + " bytes");
        }
        to.writerIndex(to.writerIndex() + count);
    }

    private void check(int range, ByteBuf bytes, int at) throws DamagedRangeException {
        long start = index.start(range);
        IndexEntry entry = index.get(range);
        int found = Checksum.of(bytes.nioBuffer(at, (int) (entry.end() - start)));
        if (found != entry.checksum()) {
            throw damaged(start, entry.end(), checksum(found), checksum(entry.checksum()));
        }
        setChecked(range);
    }

    private static String checksum(int value) {
        return "CRC32C " + HexFormat.of().toHexDigits(value);
    }

    /** Returns what says that bytes of the file are not as they were written. */
    DamagedRangeException damaged(long start, long end, String found, String expected) {
        return new DamagedRangeException(file, start, end, index, found, expected);
    }

    /** Returns whether bytes from a position on are the same as those of another segment, which also has a reader. */
    boolean isSame(long position, StoredSegment other, long otherPosition, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.min(COMPARED_BYTES, count));
        ByteBuffer otherBytes = ByteBuffer.allocate(bytes.capacity());
        for (int at = 0; at < count; at += COMPARED_BYTES) {
            int length = Math.min(COMPARED_BYTES, count - at);
            openFile().read(position + at, bytes.clear().limit(length));
            other.openFile().read(otherPosition + at, otherBytes.clear().limit(length));
            if (bytes.hasRemaining() || !bytes.flip().equals(otherBytes.flip())) {
                return false;
            }
        }
        return true;
    }
}
