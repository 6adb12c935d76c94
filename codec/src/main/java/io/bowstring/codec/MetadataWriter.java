package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes flatbuffer tables front to back, parents before children, so that the result can stand in front of older
 * metadata and point forward into it. See {@link MetadataReader} for the layout.
 *
 * <p>Positions are bytes from the start of what is written. Confined to the caller's thread; borrows the buffer.
 */
final class MetadataWriter {
    private final ByteBuf out;
    private final int base;
    private int[] olderSlots = new int[8];
    private int[] olderTargets = new int[8];
    private int olderCount;

    /** Appends to {@code out} from its writer index on; borrowed. */
    MetadataWriter(ByteBuf out) {
        this.out = out;
        this.base = out.writerIndex();
    }

    /** Reserves a root offset and returns its position. */
    int root() {
        return zeroes(4);
    }

    /**
     * Writes a vtable and a zeroed table behind it.
     *
     * @param tableBytes bytes of the table, its leading 4-byte link to the vtable included
     * @param fieldOffsets where each field stands in the table, in order of declaration; 0 leaves the field out
     * @return the position of the table, a multiple of 8
     */
    int table(int tableBytes, int... fieldOffsets) {
        int vtableBytes = 4 + 2 * fieldOffsets.length;
        pad(8, vtableBytes);
        int vtable = position();
        out.writeShortLE(vtableBytes).writeShortLE(tableBytes);
        for (int offset : fieldOffsets) {
            out.writeShortLE(offset);
        }
        int table = zeroes(tableBytes);
        int32(table, table - vtable);
        return table;
    }

    /** Writes a vector of {@code count} zeroed offsets and returns its position; element i is at {@code 4 + 4 * i}. */
    int offsets(int count) {
        pad(4, 0);
        int vector = position();
        out.writeIntLE(count);
        zeroes(4 * count);
        return vector;
    }

    /** Writes a vector of 32-bit integers. */
    int int32s(Iterable<Integer> values, int count) {
        pad(4, 0);
        int vector = position();
        out.writeIntLE(count);
        values.forEach(out::writeIntLE);
        return vector;
    }

    /** Writes a vector of {@code values.length / 2} structs of two 64-bit integers. */
    int int64Pairs(long... values) {
        int vector = int64s(values);
        int32(vector, values.length / 2);
        return vector;
    }

    int string(String text) {
        pad(4, 0);
        int vector = position();
        out.writeIntLE(ByteBufUtil.utf8Bytes(text));
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
        return vector;
    }

    /** Writes a string of bytes that need not be text. */
    int string(ByteBuffer bytes) {
        pad(4, 0);
        int vector = position();
        out.writeIntLE(bytes.remaining());
        out.writeBytes(bytes);
        out.writeByte(0);
        return vector;
    }

    /** Writes a vector of 64-bit integers. */
    int int64s(long... values) {
        pad(8, 4);
        int vector = position();
        out.writeIntLE(values.length);
        for (long value : values) {
            out.writeLongLE(value);
        }
        return vector;
    }

    /** Makes the offset at {@code slot} point to {@code target}. */
    void point(int slot, int target) {
        int32(slot, target - slot);
    }

    /** Makes the offset at {@code slot} point to a position in the older metadata that will follow. */
    void pointToOlder(int slot, int olderPosition) {
        if (olderCount == olderSlots.length) {
            olderSlots = Arrays.copyOf(olderSlots, 2 * olderCount);
            olderTargets = Arrays.copyOf(olderTargets, 2 * olderCount);
        }
        olderSlots[olderCount] = slot;
        olderTargets[olderCount++] = olderPosition;
    }

    void uint8(int position, int value) {
        out.setByte(base + position, value);
    }

    void int16(int position, int value) {
        out.setShortLE(base + position, value);
    }

    void int32(int position, int value) {
        out.setIntLE(base + position, value);
    }

    void int64(int position, long value) {
        out.setLongLE(base + position, value);
    }

    /** Pads to a multiple of 8, settles the offsets into the older metadata, and returns the bytes written. */
    int finish() {
        pad(8, 0);
        int written = position();
        for (int i = 0; i < olderCount; i++) {
            point(olderSlots[i], written + olderTargets[i]);
        }
        return written;
    }

    private int position() {
        return out.writerIndex() - base;
    }

    /** Pads so that the position that is {@code ahead} bytes further on is a multiple of {@code alignment}. */
    private void pad(int alignment, int ahead) {
        zeroes(-(position() + ahead) & (alignment - 1));
    }

    private int zeroes(int bytes) {
        int at = position();
        out.writeZero(bytes);
        return at;
    }
}
