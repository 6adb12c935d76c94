package io.bowstring.storage;

import java.nio.ByteBuffer;

/**
 * One range of a segment: what has been written to it at once.
 *
 * <pre>
 *   end: i64 │ nextOffset: i64 │ timeMicros: i64 │ rows: i64 │ checksum: i32 │ flags: i32 │ CRC32C of these: i32 │ 0: i32
 * </pre>
 *
 * @param end where the range ends in the segment; it begins where the one before it ends
 * @param nextOffset the offset after that of its last batch
 * @param timeMicros of its last batch; of the one before it, where it has none
 * @param rows of all batches of the segment as far as the range's end
 * @param checksum the CRC32C of its bytes
 * @param isSynced whether it had been synced when this was written
 * @param hasDictionaries whether there are dictionary batches in it
 * @param isNumbered whether publishers have numbered some of its batches
 * @param isEnd whether the stream ends with it
 */
record IndexEntry(
        long end,
        long nextOffset,
        long timeMicros,
        long rows,
        int checksum,
        boolean isSynced,
        boolean hasDictionaries,
        boolean isNumbered,
        boolean isEnd) {
    static final int BYTES = 48;

    private static final int SYNCED = 1;
    private static final int DICTIONARIES = 2;
    private static final int END = 4;
    private static final int NUMBERED = 8;
    private static final int CHECKED_BYTES = 40;

    /** Returns the same entry as it is written before or after a sync. */
    IndexEntry withSynced(boolean isSyncedNow) {
        return new IndexEntry(
                end, nextOffset, timeMicros, rows, checksum, isSyncedNow, hasDictionaries, isNumbered, isEnd);
    }

    /**
     * Returns one entry of this range and the one after it.
     *
     * @param next not the end of the stream
     */
    IndexEntry and(IndexEntry next) {
        return new IndexEntry(
                next.end,
                next.nextOffset,
                next.timeMicros,
                next.rows,
                Checksum.combine(checksum, next.checksum, Checksum.shift(next.end - end)),
                isSynced && next.isSynced,
                hasDictionaries || next.hasDictionaries,
                isNumbered || next.isNumbered,
                false);
    }

    /** Appends the entry to a little-endian buffer. */
    void write(ByteBuffer to) {
        int start = to.position();
        to.putLong(end).putLong(nextOffset).putLong(timeMicros).putLong(rows).putInt(checksum);
        to.putInt((isSynced ? SYNCED : 0)
                | (hasDictionaries ? DICTIONARIES : 0)
                | (isEnd ? END : 0)
                | (isNumbered ? NUMBERED : 0));
        to.putInt(Checksum.of(to.slice(start, CHECKED_BYTES))).putInt(0);
    }

    /** Returns whether the next entry of a little-endian buffer is as it was written. */
    static boolean isWhole(ByteBuffer from) {
        int start = from.position();
        return from.remaining() >= BYTES
                && from.getInt(start + CHECKED_BYTES) == Checksum.of(from.slice(start, CHECKED_BYTES))
                && from.getInt(start + BYTES - Integer.BYTES) == 0;
    }

    /** Reads the next entry of a little-endian buffer, which is whole. */
    static IndexEntry read(ByteBuffer from) {
        long end = from.getLong();
        long nextOffset = from.getLong();
        long timeMicros = from.getLong();
        long rows = from.getLong();
        int checksum = from.getInt();
        int flags = from.getInt();
        from.getLong();
        return new IndexEntry(
                end,
                nextOffset,
                timeMicros,
                rows,
                checksum,
                (flags & SYNCED) != 0,
                (flags & DICTIONARIES) != 0,
                (flags & NUMBERED) != 0,
                (flags & END) != 0);
    }
}
