package io.bowstring.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * The ranges of a segment, one after another, as its index file has them.
 *
 * <pre>
 *   "bowindex" │ format: i32 │ 0: i32 │ first offset: i64 │ CRC32C of these: i32 │ 0: i32 │ {@link IndexEntry} │ ...
 * </pre>
 *
 * <p>Entries are added, and noted as synced, by one thread; any thread may read those that have been added.
 */
final class SegmentIndex {
    static final int HEADER_BYTES = 32;

    private static final long MAGIC = 0x78_65_64_6E_69_77_6F_62L; // "bowindex"
    private static final int CHECKED_BYTES = 24;

    /** So many bytes are read at once. */
    private static final int MERGED_BYTES = SegmentMessages.READ_BYTES;

    private final long firstOffset;
    private final List<IndexEntry> entries = new ArrayList<>();

    /** Creates an index without entries. */
    SegmentIndex(long firstOffset) {
        this.firstOffset = firstOffset;
    }

    /**
     * Reads an index file as far as it is whole, and each entry follows from the one before it.
     *
     * @param file from its beginning; borrowed, and read to the end
     * @return without entries, where not even the header is whole
     */
    static SegmentIndex read(ByteBuffer file, long firstOffset) {
        ByteBuffer in = file.order(ByteOrder.LITTLE_ENDIAN);
        SegmentIndex index = new SegmentIndex(firstOffset);
        if (in.remaining() >= HEADER_BYTES && in.slice(0, HEADER_BYTES).equals(index.header())) {
            in.position(HEADER_BYTES);
            while (IndexEntry.isWhole(in) && index.isNext(IndexEntry.read(in))) {
                index.add(IndexEntry.read(in.position(in.position() - IndexEntry.BYTES)));
            }
        }
        return index;
    }

    /** Returns what the file begins with. */
    ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC).putInt(SegmentFormat.CURRENT).putInt(0).putLong(firstOffset);
        return header.putInt(Checksum.of(header.slice(0, CHECKED_BYTES)))
                .putInt(0)
                .flip();
    }

    private boolean isNext(IndexEntry entry) {
        return !isEnded()
                && entry.end() > end()
                && entry.nextOffset() >= nextOffset()
                && entry.timeMicros() >= timeMicros()
                && entry.rows() >= rows();
    }

    /**
     * Returns the format of an index file.
     *
     * @param file from its beginning; borrowed
     * @return empty where not even the header is whole
     */
    static OptionalInt format(ByteBuffer file) {
        ByteBuffer in = file.slice().order(ByteOrder.LITTLE_ENDIAN);
        boolean isWhole = in.remaining() >= HEADER_BYTES
                && in.getLong(0) == MAGIC
                && in.getInt(CHECKED_BYTES) == Checksum.of(in.slice(0, CHECKED_BYTES));
        return isWhole ? OptionalInt.of(in.getInt(Long.BYTES)) : OptionalInt.empty();
    }

    /**
     * Returns the same with fewer ranges: those that follow one another and have batches alone are one, of about a mebibyte. There may
     * have been a sync for each batch.
     */
    synchronized SegmentIndex merged() {
        SegmentIndex merged = new SegmentIndex(firstOffset);
        long lastStart = 0;
        for (IndexEntry entry : entries) {
            int last = merged.entries.size() - 1;
            boolean isOne = last > 0
                    && entry.end() - lastStart <= MERGED_BYTES
                    && isMergeable(entry)
                    && isMergeable(merged.entries.get(last));
            if (isOne) {
                merged.entries.set(last, merged.entries.get(last).and(entry));
            } else {
                lastStart = merged.end();
                merged.entries.add(entry);
            }
        }
        return merged;
    }

    private static boolean isMergeable(IndexEntry entry) {
        return !entry.hasDictionaries() && !entry.isEnd();
    }

    /** Returns the ranges as far as the last one that is on disk: what the others tell may never have come there. */
    synchronized SegmentIndex upToSynced() {
        SegmentIndex synced = new SegmentIndex(firstOffset);
        long syncedEnd = syncedEnd();
        entries.stream().takeWhile(entry -> entry.end() <= syncedEnd).forEach(synced::add);
        return synced;
    }

    /** Notes that all ranges are on disk. */
    synchronized void setSynced() {
        for (int range = entries.size() - 1; range >= 0 && !entries.get(range).isSynced(); range--) {
            entries.set(range, entries.get(range).withSynced(true));
        }
    }

    synchronized void add(IndexEntry entry) {
        entries.add(entry);
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized IndexEntry get(int range) {
        return entries.get(range);
    }

    /** Returns the offset that the segment begins with. */
    long firstOffset() {
        return firstOffset;
    }

    /** Returns where a range begins. */
    synchronized long start(int range) {
        return range == 0 ? 0 : entries.get(range - 1).end();
    }

    /** Returns the offset of the first batch of a range, or of the next batch where it has none. */
    synchronized long firstOffset(int range) {
        return range == 0 ? firstOffset : entries.get(range - 1).nextOffset();
    }

    /** Returns where the last range ends. */
    synchronized long end() {
        return start(entries.size());
    }

    /** Returns whether the last range is the end of the stream. */
    synchronized boolean isEnded() {
        return !entries.isEmpty() && entries.get(entries.size() - 1).isEnd();
    }

    /** Returns the offset after the last batch. */
    synchronized long nextOffset() {
        return firstOffset(entries.size());
    }

    /** Returns how many rows all batches have. */
    synchronized long rows() {
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).rows();
    }

    /** Returns the time of the last batch in microseconds. */
    synchronized long timeMicros() {
        return entries.isEmpty()
                ? Long.MIN_VALUE
                : entries.get(entries.size() - 1).timeMicros();
    }

    /** Returns where that ends which is known to be on disk: what is damaged before it was whole once. */
    synchronized long syncedEnd() {
        int range = entries.size();
        while (range > 0 && !entries.get(range - 1).isSynced()) {
            range--;
        }
        return start(range);
    }

    /** Returns the offset after the last batch that begins before a position. */
    synchronized long nextOffsetAt(long position) {
        int range = firstWhere(each -> entries.get(each).end() >= position);
        return range == entries.size() ? nextOffset() : entries.get(range).nextOffset();
    }

    /** Returns the range that has the byte at a position. */
    synchronized int rangeAt(long position) {
        return firstWhere(range -> entries.get(range).end() > position);
    }

    /** Returns the range that has a batch, which is one of the segment. */
    synchronized int rangeOf(long offset) {
        return firstWhere(range -> entries.get(range).nextOffset() > offset);
    }

    /** Returns the first range that has a batch of a time or a later one; {@link #size} where none has. */
    synchronized int rangeOfTime(long micros) {
        return firstWhere(range -> entries.get(range).timeMicros() >= micros);
    }

    /** Finds the first range for which a condition holds, which holds for all after it. */
    private int firstWhere(IntPredicate condition) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (condition.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
