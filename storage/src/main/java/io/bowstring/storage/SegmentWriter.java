package io.bowstring.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Appends ranges to a segment and to its index. A range that has been written can be read; one that has been synced has an entry in
 * the index file, so that whoever finds the entry knows that the range was whole.
 *
 * <p>Where a write fails, the segment is as it was, and the write may be repeated. Where a sync fails, nobody knows what is on
 * disk: this writer refuses all from then on. Confined to one thread.
 */
final class SegmentWriter implements Closeable {
    /** The end-of-stream marker. */
    private static final byte[] END = {-1, -1, -1, -1, 0, 0, 0, 0};

    static final int END_BYTES = END.length;

    private static final int REWRITTEN_BYTES = 1 << 20;

    private final DiskFile segment;
    private final DiskFile indexFile;
    private final SegmentIndex index;

    /** How many of the index's ranges have an entry in its file. */
    private int entries;

    private boolean hasFailed;

    private SegmentWriter(DiskFile segment, DiskFile indexFile, SegmentIndex index, int entries) {
        this.segment = segment;
        this.indexFile = indexFile;
        this.index = index;
        this.entries = entries;
    }

    /**
     * Opens the files of a segment that is being recovered.
     *
     * @param index its ranges, all of which are whole
     * @param entries how many of them, from the first on, have an entry in the index file, which is whole as far as that
     */
    static SegmentWriter open(Disk disk, SegmentFiles files, SegmentIndex index, int entries) throws IOException {
        DiskFile segment = disk.open(files.segment(index.firstOffset()));
        try {
            DiskFile indexFile = disk.open(files.index(index.firstOffset()));
            return new SegmentWriter(segment, indexFile, index, entries);
        } catch (Throwable e) {
            segment.close();
            throw e;
        }
    }

    /**
     * Makes the files of a new segment, whose names survive a loss of power.
     *
     * @throws IOException where they cannot be made, and none is
     */
    static SegmentWriter create(Disk disk, SegmentFiles files, long firstOffset) throws IOException {
        Deque<Path> made = new ArrayDeque<>();
        try {
            for (Path each : new Path[] {files.segment(firstOffset), files.index(firstOffset)}) {
                DiskFile file = disk.create(each);
                made.push(each);
                file.close();
            }
            disk.syncDirectory(files.directory());
            return open(disk, files, new SegmentIndex(firstOffset), 0);
        } catch (Throwable e) {
            for (Path each : made) { // or the next attempt finds their names taken
                try {
                    disk.delete(each);
                } catch (IOException e2) {
                    e.addSuppressed(e2);
                }
            }
            throw e;
        }
    }

    /**
     * Writes once more what is there from a position on: after a sync that failed, the system may think that it is on disk though it
     * is not, and would not write it at the next sync.
     */
    void rewrite(long from) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(REWRITTEN_BYTES);
        for (long at = from; at < index.end(); at += REWRITTEN_BYTES) {
            bytes.clear().limit((int) Math.min(REWRITTEN_BYTES, index.end() - at));
            segment.read(at, bytes);
            segment.writeAll(at, bytes.flip());
        }
    }

    /** Returns the ranges that have been written. */
    SegmentIndex index() {
        return index;
    }

    /** Writes a range, as {@link #write(ByteBuffer[], int, RangeContent)} does, and computes its checksum. */
    void write(ByteBuffer[] bytes, RangeContent content) throws IOException {
        write(bytes, Checksum.of(bytes), content);
    }

    /**
     * Writes a range.
     *
     * @param bytes borrowed
     * @param checksum of all of them
     * @throws IOException where it cannot be written, and nothing is
     * @throws IllegalStateException where the stream has ended
     */
    void write(ByteBuffer[] bytes, int checksum, RangeContent content) throws IOException {
        if (index.isEnded()) {
            throw new IllegalStateException("segment: ended (expected: nothing is written after its end)");
        }
        write(bytes, checksum, content, false);
    }

    private void write(ByteBuffer[] bytes, int checksum, RangeContent content, boolean isEnd) throws IOException {
        requireWhole();
        long start = index.end();
        long end = start + append(start, bytes);
        index.add(new IndexEntry(
                end,
                content.nextOffset(),
                content.timeMicros(),
                index.rows() + content.rows(),
                checksum,
                false,
                content.hasDictionaries(),
                content.isNumbered(),
                isEnd));
    }

    private long append(long start, ByteBuffer[] bytes) throws IOException {
        try {
            return segment.writeAll(start, bytes);
        } catch (Throwable e) {
            try {
                segment.truncate(start); // nobody has read it
            } catch (IOException e2) {
                hasFailed = true;
                e.addSuppressed(e2);
            }
            throw e;
        }
    }

    /**
     * Makes all ranges survive a loss of power.
     *
     * @throws IOException where that is not known; nothing more can be written from then on
     */
    void sync() throws IOException {
        requireWhole();
        syncSegment();
        try {
            writeEntries();
        } catch (IOException e) {
            // Recovery reads the segment itself; and the next sync writes these entries too.
        }
    }

    private void syncSegment() throws IOException {
        hasFailed = true; // unless what follows succeeds
        segment.sync();
        hasFailed = false;
        index.setSynced();
    }

    /**
     * Writes entries for all ranges that have none. The first ones are synced with the header: an index that is empty after a loss of
     * power shows that nothing of the segment has ever been synced.
     */
    private void writeEntries() throws IOException {
        boolean isFirst = entries == 0;
        if (isFirst) {
            indexFile.writeAll(0, index.header());
        }
        int count = index.size() - entries;
        ByteBuffer bytes = ByteBuffer.allocate(count * IndexEntry.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int range = entries; range < index.size(); range++) {
            index.get(range).write(bytes);
        }
        indexFile.writeAll(SegmentIndex.HEADER_BYTES + (long) entries * IndexEntry.BYTES, bytes.flip());
        if (isFirst) {
            indexFile.sync();
        }
        entries += count;
    }

    /** Cuts off what the index file has after the entries that are known, and which would follow from other entries. */
    void cutIndex() throws IOException {
        long end = SegmentIndex.HEADER_BYTES + (long) entries * IndexEntry.BYTES;
        if (indexFile.size() > end) {
            indexFile.truncate(end);
            indexFile.sync();
        }
    }

    /** Cuts off what the file has after the last range, which nobody reads. */
    void cutTail() throws IOException {
        requireWhole();
        segment.truncate(index.end());
    }

    /**
     * Ends the stream, unless it has ended: nothing can be written from then on.
     *
     * @throws IOException where the end cannot be written, and nothing is
     */
    void end() throws IOException {
        requireWhole();
        if (!index.isEnded()) {
            RangeContent end = new RangeContent(index.nextOffset(), index.timeMicros(), 0, false, false);
            ByteBuffer bytes = ByteBuffer.wrap(END);
            write(new ByteBuffer[] {bytes}, Checksum.of(bytes), end, true);
        }
    }

    /**
     * Makes the whole segment and its index survive a loss of power, with its end.
     *
     * @throws IOException as for {@link #end}; or where it is not known whether all is synced
     */
    void finish() throws IOException {
        end();
        syncSegment();
        try {
            writeEntries();
            indexFile.sync();
        } catch (IOException e) {
            // Recovery makes the index again.
        }
    }

    /** Returns whether nobody knows any more what is on disk. */
    boolean hasFailed() {
        return hasFailed;
    }

    /** Closes the files of a segment that has nothing, and deletes them. */
    void discard(Disk disk, SegmentFiles files) throws IOException {
        try {
            close();
        } finally {
            LogFiles.deleteSegment(disk, files, index.firstOffset());
        }
    }

    private void requireWhole() throws IOException {
        if (hasFailed) {
            throw new IOException("segment: failed before (expected: none of its syncs fails)");
        }
    }

    @Override
    public void close() throws IOException {
        try (segment;
                indexFile) {
            hasFailed = true;
        }
    }
}
