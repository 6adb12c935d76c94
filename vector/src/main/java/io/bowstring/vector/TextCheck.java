package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcTypeId;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Checks that the texts of one field are UTF-8, those that are not null. That they are where the field says has been checked
 * before. Immutable.
 */
final class TextCheck {
    private static final int VIEW_BYTES = 16;
    private static final int MAX_INLINE_BYTES = 12;
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private final IpcTypeId type;
    private final ColumnPlace place;

    /** Creates a check of the texts at a place. */
    TextCheck(IpcTypeId type, ColumnPlace place) {
        this.type = type;
        this.place = place;
    }

    /** Returns whether a type is one of texts. */
    static boolean isFor(IpcTypeId type) {
        return type == IpcTypeId.UTF8 || type == IpcTypeId.LARGE_UTF8 || type == IpcTypeId.UTF8_VIEW;
    }

    /**
     * Checks what has been loaded.
     *
     * @param in holds the field's buffers; borrowed
     * @param node the field's
     * @throws IpcException {@code MALFORMED} where a text is not UTF-8, or one body has too many of them for its length
     */
    void check(BatchCursor in, int node) {
        List<ArrowBuf> own = in.own();
        long count = in.length(node);
        long validity = in.nullCount(node) == 0 ? 0 : own.get(0).memoryAddress();
        if (type == IpcTypeId.UTF8_VIEW) {
            checkViews(in, own, validity, count);
            return;
        }
        boolean isLarge = type == IpcTypeId.LARGE_UTF8;
        long offsets = own.get(1).memoryAddress();
        long texts = own.get(2).memoryAddress();
        long start = offset(offsets, 0, isLarge);
        in.countChecks(offset(offsets, count, isLarge) - start);
        for (long i = 0; i < count; i++) {
            long end = offset(offsets, i + 1, isLarge);
            require(validity, i, texts + start, end - start);
            start = end;
        }
    }

    private static long offset(long offsets, long i, boolean isLarge) {
        return isLarge ? MemoryUtil.getLong(offsets + 8 * i) : MemoryUtil.getInt(offsets + 4 * i);
    }

    private void checkViews(BatchCursor in, List<ArrowBuf> own, long validity, long count) {
        for (long i = 0; i < count; i++) {
            if (isNull(validity, i)) {
                continue;
            }
            long view = own.get(1).memoryAddress() + VIEW_BYTES * i;
            int bytes = MemoryUtil.getInt(view);
            in.countChecks(bytes);
            if (bytes <= MAX_INLINE_BYTES) {
                require(0, i, view + 4, bytes);
            } else {
                ArrowBuf buffer = own.get(2 + MemoryUtil.getInt(view + 8));
                require(0, i, buffer.memoryAddress() + MemoryUtil.getInt(view + 12), bytes);
            }
        }
    }

    private void require(long validity, long i, long address, long bytes) {
        if (!isNull(validity, i) && !isUtf8(address, address + bytes)) {
            throw new IpcException(IpcErrorCode.MALFORMED, "text of column " + place.column(), place.row(i), "UTF-8");
        }
    }

    private static boolean isNull(long validity, long i) {
        return validity != 0 && (MemoryUtil.getByte(validity + (i >>> 3)) >> (i & 7) & 1) == 0;
    }

    /** Returns whether the bytes from {@code address} to {@code end} are UTF-8: no more than that is read. */
    static boolean isUtf8(long address, long end) {
        long next = address;
        while (next < end) {
            if (end - next >= Long.BYTES && (MemoryUtil.getLong(next) & NOT_ASCII) == 0) {
                next += Long.BYTES;
            } else {
                int bytes = sequenceBytes(next, end);
                if (bytes == 0) {
                    return false;
                }
                next += bytes;
            }
        }
        return true;
    }

    /** Returns how many bytes the next code point takes; 0 where it is none. */
    private static int sequenceBytes(long next, long end) {
        int lead = MemoryUtil.getByte(next) & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        int bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (lead < 0xC2 || lead > 0xF4 || bytes > end - next) {
            return 0;
        }
        int second = MemoryUtil.getByte(next + 1) & 0xFF;
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80; // else it were longer than it must be
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF; // else a surrogate, or beyond Unicode
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < bytes; i++) {
            if ((MemoryUtil.getByte(next + i) & 0xC0) != 0x80) {
                return 0;
            }
        }
        return bytes;
    }
}
