package io.bowstring.vector;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Decompresses one LZ4 frame from memory to memory. Other libraries for Java do not read frames whose blocks refer to earlier
 * ones, as Arrow C++ writes them.
 *
 * <pre>
 *   frame │ 04 22 4D 18 │ flags │ block size │ content size: i64, by flag │ checksum: 1 byte │ blocks │ checksum, by flag │
 *   block │ bytes: i32, negative = not compressed, 0 = the last │ data │ checksum: i32, by flag │
 *   data  │ token: length of literals, of match │ literals │ offset: u16 │ ...   ends with literals
 * </pre>
 *
 * <p>Nothing is written outside of the target and nothing read outside of the source, whatever is in it. Checksums are not
 * looked at. Confined to one thread.
 *
 * @see <a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md">LZ4 frame format</a>
 */
final class Lz4FrameReader {
    /** What is returned where the source is no frame, or holds more than there is room for. */
    static final long MALFORMED = -1;

    private static final int MAGIC = 0x184D2204;
    private static final int VERSION_MASK = 0b1100_0010;
    private static final int VERSION = 0b0100_0000;
    private static final int BLOCK_CHECKSUM = 1 << 4;
    private static final int CONTENT_SIZE = 1 << 3;
    private static final int CONTENT_CHECKSUM = 1 << 2;
    private static final int DICTIONARY_ID = 1;
    private static final int CHECKSUM_BYTES = 4;
    private static final int HEAD_BYTES = 7;
    private static final int LONG_LENGTH = 15;
    private static final int MIN_MATCH = 4;

    private final long targetStart;
    private final long targetEnd;
    private final long sourceEnd;
    private long source;
    private long target;

    private Lz4FrameReader(long source, long sourceBytes, long target, long targetBytes) {
        this.source = source;
        this.sourceEnd = source + sourceBytes;
        this.target = target;
        this.targetStart = target;
        this.targetEnd = target + targetBytes;
    }

    /**
     * Decompresses a frame.
     *
     * @param source address of the frame, which takes all of the {@code sourceBytes}
     * @param target address of the memory to write to
     * @return how many bytes have been written, or {@link #MALFORMED}
     */
    static long decompress(long source, long sourceBytes, long target, long targetBytes) {
        Lz4FrameReader reader = new Lz4FrameReader(source, sourceBytes, target, targetBytes);
        return reader.readFrame() ? reader.target - target : MALFORMED;
    }

    private long sourceLeft() {
        return sourceEnd - source;
    }

    private boolean readFrame() {
        if (sourceLeft() < HEAD_BYTES || MemoryUtil.getInt(source) != MAGIC) {
            return false;
        }
        int flags = MemoryUtil.getByte(source + 4) & 0xFF;
        if ((flags & VERSION_MASK) != VERSION || (flags & DICTIONARY_ID) != 0) {
            return false;
        }
        source += HEAD_BYTES + ((flags & CONTENT_SIZE) == 0 ? 0 : Long.BYTES);
        int checksumBytes = (flags & BLOCK_CHECKSUM) == 0 ? 0 : CHECKSUM_BYTES;
        while (sourceLeft() >= Integer.BYTES) {
            int block = MemoryUtil.getInt(source);
            source += Integer.BYTES;
            if (block == 0) {
                return sourceLeft() == ((flags & CONTENT_CHECKSUM) == 0 ? 0 : CHECKSUM_BYTES);
            }
            long blockEnd = source + (block & Integer.MAX_VALUE);
            if (blockEnd > sourceEnd - checksumBytes) {
                return false;
            }
            boolean isGood = block < 0 ? copyLiterals(blockEnd - source, blockEnd) : readBlock(blockEnd);
            if (!isGood) {
                return false;
            }
            source = blockEnd + checksumBytes;
        }
        return false;
    }

    private boolean readBlock(long end) {
        while (source < end) {
            int token = MemoryUtil.getByte(source++) & 0xFF;
            if (!copyLiterals(length(token >>> 4, end), end)) {
                return false;
            }
            if (source == end) {
                return true;
            }
            if (end - source < Short.BYTES) {
                return false;
            }
            int offset = MemoryUtil.getShort(source) & 0xFFFF;
            source += Short.BYTES;
            long length = length(token & 0xF, end) + MIN_MATCH;
            if (offset == 0 || offset > target - targetStart || length < MIN_MATCH || length > targetEnd - target) {
                return false;
            }
            copyMatch(offset, length);
        }
        return false; // without literals at its end
    }

    /** Returns a length, the rest of which stands in the source where it is long; far too much where that ends. */
    private long length(int nibble, long end) {
        long length = nibble;
        for (int more = nibble == LONG_LENGTH ? 0xFF : 0; more == 0xFF; length += more) {
            if (source == end) {
                return Integer.MAX_VALUE;
            }
            more = MemoryUtil.getByte(source++) & 0xFF;
        }
        return length;
    }

    private boolean copyLiterals(long length, long end) {
        if (length > end - source || length > targetEnd - target) {
            return false;
        }
        if (length <= 16 && targetEnd - target >= 16 && sourceEnd - source >= 16) {
            MemoryUtil.putLong(target, MemoryUtil.getLong(source)); // too much is as fast, and is overwritten
            MemoryUtil.putLong(target + 8, MemoryUtil.getLong(source + 8));
        } else {
            MemoryUtil.copyMemory(source, target, length);
        }
        source += length;
        target += length;
        return true;
    }

    /** Copies what was written before; where that is shorter, again and again. */
    private void copyMatch(int offset, long length) {
        long from = target - offset;
        long end = target + length;
        if (offset >= Long.BYTES && targetEnd - end >= Long.BYTES) {
            for (; target < end; target += Long.BYTES, from += Long.BYTES) {
                MemoryUtil.putLong(target, MemoryUtil.getLong(from));
            }
        } else {
            while (target < end) { // what there is of the pattern doubles each time
                long bytes = Math.min(end - target, target - from);
                MemoryUtil.copyMemory(from, target, bytes);
                target += bytes;
            }
        }
        target = end;
    }
}
