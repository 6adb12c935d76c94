package io.bowstring.storage;

import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the files of a segment have, whatever state they are in, and what is to be done about it. Confined to one thread. */
final class FoundSegment {
    private static final Logger LOG = LoggerFactory.getLogger(FoundSegment.class);

    /** Taken for the size of a segment whose size cannot be read: more than any has. */
    private static final long UNKNOWN_BYTES = 1L << 32;

    private static final int MAX_INDEX_BYTES = 1 << 28;

    /** It takes a while to copy so much. */
    private static final long LARGE_TAIL_BYTES = 1 << 28;

    private final Disk disk;
    private final Path segmentFile;
    private final Path indexFile;

    private SegmentIndex index;

    /** How many of its ranges the index file has, and where they end: that has been synced. */
    private int entries;

    private long syncedEnd;
    private boolean isIndexReadable = true;
    private boolean isIndexEmpty;
    private boolean isIndexMissing;

    private boolean isReadable;
    private boolean isSchemaWhole = true;
    private long size = -1;

    /** Whether anything but zeros comes after the last range. */
    private boolean hasTail;

    private long nextOffset;

    private FoundSegment(Disk disk, Path segmentFile, Path indexFile, long firstOffset) {
        this.disk = disk;
        this.segmentFile = segmentFile;
        this.indexFile = indexFile;
        this.index = new SegmentIndex(firstOffset);
        this.nextOffset = firstOffset;
    }

    /**
     * Reads the files of a segment, as far as that is possible.
     *
     * @param segmentFile by the name that it has now
     * @param indexFile by the name that it has, if it is there
     */
    static FoundSegment read(Disk disk, Path segmentFile, Path indexFile, long firstOffset) {
        FoundSegment found = new FoundSegment(disk, segmentFile, indexFile, firstOffset);
        found.readIndex();
        found.readSegment();
        return found;
    }

    /** Reads what was cut off where the batch with an offset should have come. */
    static FoundSegment readCut(Disk disk, Path cut, long offset) {
        FoundSegment found = new FoundSegment(disk, cut, cut, offset);
        found.readSegment();
        return found;
    }

    /** Returns the offset after all that an index shows, of which there is no segment. */
    static long readIndexOnly(Disk disk, Path indexFile, long firstOffset) {
        FoundSegment found = new FoundSegment(disk, indexFile, indexFile, firstOffset);
        found.readIndex();
        return found.nextOffset;
    }

    private void readIndex() {
        try (DiskFile file = disk.open(indexFile)) {
            long bytes = file.size();
            isIndexEmpty = bytes == 0;
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(bytes, MAX_INDEX_BYTES));
            file.read(0, content);
            SegmentIndex all = SegmentIndex.read(content.flip(), index.firstOffset());
            nextOffset = all.nextOffset();
            index = all.upToSynced();
        } catch (NoSuchFileException e) {
            isIndexMissing = true; // it is made again
        } catch (IOException e) {
            isIndexReadable = false;
        }
        entries = index.size();
        syncedEnd = index.end();
    }

    private void readSegment() {
        try (DiskFile file = disk.open(segmentFile)) {
            size = file.size();
            if (size > index.end() && !index.isEnded()) {
                isSchemaWhole = SegmentScan.complete(file, index);
            }
            isSchemaWhole &= index.size() == 0 || hasHead(file);
            show(index.nextOffset());
            if (size > index.end()) {
                hasTail = !SegmentTail.isBlank(file, index.end(), size);
                show(SegmentTail.nextOffset(file, index.end(), size, index.nextOffset(), this::tellSearch));
            }
            isReadable = true;
        } catch (IOException e) {
            long bytes = size < 0 ? UNKNOWN_BYTES : Math.max(0, size - index.end());
            show(index.isEnded() ? index.nextOffset() : SegmentTail.offsetAfter(index.nextOffset(), bytes));
        }
    }

    private void tellSearch(long position) {
        LOG.info("{}: searched until byte {} of {} for batches after damage", segmentFile, position, size);
    }

    private static boolean hasHead(DiskFile file) throws IOException {
        IpcSchema head = SegmentHead.tryRead(file);
        if (head == null) {
            return false;
        }
        head.release();
        return true;
    }

    private void show(long shown) {
        nextOffset = Math.max(nextOffset, shown);
    }

    /** Returns the ranges that are whole: those that the index file knows to be synced, and those that have been found after them. */
    SegmentIndex index() {
        return index;
    }

    /** Returns an offset after all that the files show, or may have where they cannot be read. */
    long nextOffset() {
        return nextOffset;
    }

    boolean isIndexReadable() {
        return isIndexReadable;
    }

    /** Returns whether what is there is known: where there seems to be no batch, the index must say so as well. */
    boolean isReadable() {
        return isReadable && (isIndexReadable || !isEmpty());
    }

    /** Returns whether less is there than has been synced. */
    boolean isDamaged() {
        return size < syncedEnd || !isSchemaWhole;
    }

    /** Returns whether not one batch is whole. */
    boolean isEmpty() {
        return index.nextOffset() == index.firstOffset();
    }

    /**
     * Returns whether it has nothing that has to stay: nothing of it has ever been synced, because the first entry is synced with the
     * header; or it has a schema and no batch.
     */
    boolean isDispensable() {
        boolean isNeverSynced = isIndexEmpty || (isIndexMissing && size == 0);
        return isEmpty() && (isNeverSynced || (index.end() > 0 && !hasTail && !isDamaged()));
    }

    /** Returns how many bytes the file has; -1 where that is not known. */
    long size() {
        return size;
    }

    /** Returns whether there is something after its last range that must not be lost. */
    boolean hasTail() {
        return hasTail;
    }

    /**
     * Cuts off what comes after the last range, and ends the stream. Where the disk has no room, or fails, it is left as it is or
     * without an end, and its ranges can be read all the same; the next recovery ends it.
     */
    void end(SegmentFiles files, SetAside aside) {
        if (index.isEnded() && size == index.end() && entries == index.size()) {
            return;
        }
        try {
            makeIndexFile();
            try (SegmentWriter writer = SegmentWriter.open(disk, files, index, entries)) {
                writer.cutIndex();
                writer.rewrite(syncedEnd);
                end(writer, aside);
            }
        } catch (IOException e) {
            // It can be read, though nobody knows whether it survives a loss of power: its index says so.
        }
    }

    private void end(SegmentWriter writer, SetAside aside) throws IOException {
        try {
            cutTail(writer, aside);
            writer.finish();
        } catch (IOException e) {
            writer.sync(); // needs no room
        }
    }

    private void cutTail(SegmentWriter writer, SetAside aside) throws IOException {
        if (!hasTail) {
            writer.cutTail();
            return;
        }
        if (size - index.end() >= LARGE_TAIL_BYTES) {
            LOG.info("{}: {} bytes are copied and cut off", segmentFile, size - index.end());
        }
        Path copy = aside.putTail(index.firstOffset(), index.end(), index.nextOffset());
        try {
            writer.cutTail();
        } catch (IOException e) {
            aside.remove(copy);
            throw e;
        }
    }

    private void makeIndexFile() throws IOException {
        try {
            disk.create(indexFile).close();
        } catch (FileAlreadyExistsException e) {
            // It is there already.
        }
    }
}
