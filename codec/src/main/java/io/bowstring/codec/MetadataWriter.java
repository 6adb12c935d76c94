package io.bowstring.codec;

import static io.bowstring.codec.MetadataReader.INT16;
import static io.bowstring.codec.MetadataReader.INT32;
import static io.bowstring.codec.MetadataReader.INT64;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Writes the metadata of one message: flatbuffer tables front to back, parents before children, so that the result can
 * stand before older metadata and point forward into it. See {@link MetadataReader} for the layout.
 *
 * <pre>
 *   │ root │ Message │ header, entries and what they point to │ older metadata, if any │
 * </pre>
 *
 * <p>Positions are bytes from the start of what is written. Confined to the caller's thread.
 */
final class MetadataWriter {
    private static final int HEADER_SLOT = 4;
    private static final int BODY_LENGTH_SLOT = 8;
    private static final int ENTRIES_SLOT = 16;

    private final IpcKind kind;
    private final int version;
    private final int message;

    /** Where it is, as {@link #point} takes it. */
    private int header;

    private int entries;

    /** Zeroes after the end. Single bytes and words go into an array much faster than into a buffer. */
    private byte[] bytes;

    private int end;

    /** Where offsets into the older metadata stand: until the end what {@link #older} says, as they are not known yet. */
    private int[] olderSlots = new int[8];

    private int olderCount;

    /**
     * Writes root and {@code Message}.
     *
     * @param bodyBytes as long as a body may be, once a frame is made of it
     * @param hasEntries whether there will be {@code custom_metadata}
     * @param capacityBytes what is expected not to be exceeded
     */
    MetadataWriter(IpcKind kind, int version, long bodyBytes, boolean hasEntries, int capacityBytes) {
        this.kind = kind;
        this.version = version;
        this.bytes = new byte[capacityBytes];
        int root = zeroes(4);
        this.message = table(24, 20, 22, HEADER_SLOT, BODY_LENGTH_SLOT, hasEntries ? ENTRIES_SLOT : 0);
        point(root, message);
        int16(message + 20, version);
        uint8(message + 22, kind.headerType());
        int64(message + BODY_LENGTH_SLOT, bodyBytes);
    }

    /** Makes a table the header. */
    void header(int table) {
        point(message + HEADER_SLOT, table);
        header = table;
    }

    /** Makes a vector the {@code custom_metadata}. */
    void entries(int vector) {
        point(message + ENTRIES_SLOT, vector);
        entries = vector;
    }

    /**
     * Returns what {@link MessageHeader#read} would; after the {@linkplain #finish end}.
     *
     * @param olderBytes how long the older metadata is that will follow
     */
    MessageHeader newHeader(int olderBytes) {
        return new MessageHeader(
                kind, version, settled(header), settled(entries), message + BODY_LENGTH_SLOT, end + olderBytes);
    }

    /** Returns what stands for a position in the older metadata that will follow, wherever an offset is to point to it. */
    static int older(int position) {
        return ~position;
    }

    /** Returns where something is, after the {@linkplain #finish end}. */
    private int settled(int target) {
        return target < 0 ? end + ~target : target;
    }

    /**
     * Writes a vtable and a zeroed table after it.
     *
     * @param tableBytes bytes of the table, its leading 4-byte link to the vtable included
     * @param fieldOffsets where each field stands in the table, in order of declaration; 0 leaves the field out
     * @return the position of the table, a multiple of 8
     */
    int table(int tableBytes, int... fieldOffsets) {
        int vtableBytes = 4 + 2 * fieldOffsets.length;
        pad(8, vtableBytes);
        int vtable = zeroes(vtableBytes);
        int16(vtable, vtableBytes);
        int16(vtable + 2, tableBytes);
        for (int i = 0; i < fieldOffsets.length; i++) {
            int16(vtable + 4 + 2 * i, fieldOffsets[i]);
        }
        int table = zeroes(tableBytes);
        int32(table, table - vtable);
        return table;
    }

    /**
     * Writes a vector of {@code count} zeroed offsets or 32-bit integers and returns its position; element i is at {@code
     * 4 + 4 * i}.
     */
    int offsets(int count) {
        pad(4, 0);
        int vector = zeroes(4 + 4 * count);
        int32(vector, count);
        return vector;
    }

    /** Writes a vector of {@code count} offsets and then what they point to, which {@code target} says for each index. */
    int offsets(int count, IntUnaryOperator target) {
        int vector = offsets(count);
        for (int i = 0; i < count; i++) {
            point(vector + 4 + 4 * i, target.applyAsInt(i));
        }
        return vector;
    }

    int string(String text) {
        return string(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes a string of bytes that need not be text. */
    int string(ByteBuffer text) {
        pad(4, 0);
        int length = text.remaining();
        int vector = zeroes(4 + length + 1);
        int32(vector, length);
        text.get(bytes, vector + 4, length);
        return vector;
    }

    /** Writes a vector of the first {@code count} of some 64-bit integers, or of structs of so many of them each. */
    int int64s(long[] values, int count, int structLongs) {
        pad(8, 4);
        int vector = zeroes(4 + 8 * count);
        int32(vector, count / structLongs);
        for (int i = 0; i < count; i++) {
            int64(vector + 4 + 8 * i, values[i]);
        }
        return vector;
    }

    /** Makes the offset at {@code slot} point to {@code target}. */
    void point(int slot, int target) {
        if (target >= 0) {
            int32(slot, target - slot);
            return;
        }
        olderSlots = olderCount < olderSlots.length ? olderSlots : Arrays.copyOf(olderSlots, 2 * olderCount);
        olderSlots[olderCount++] = slot;
        int32(slot, target);
    }

    void uint8(int position, int value) {
        bytes[position] = (byte) value;
    }

    void int16(int position, int value) {
        INT16.set(bytes, position, (short) value);
    }

    void int32(int position, int value) {
        INT32.set(bytes, position, value);
    }

    void int64(int position, long value) {
        INT64.set(bytes, position, value);
    }

    /** Pads to a multiple of 8, settles the offsets into the older metadata, and returns the bytes written; once. */
    int finish() {
        pad(8, 0);
        for (int i = 0; i < olderCount; i++) {
            point(olderSlots[i], settled((int) INT32.get(bytes, olderSlots[i])));
        }
        return end;
    }

    /** Returns how many bytes have been written. */
    int bytes() {
        return end;
    }

    /** Appends all that has been written to a buffer, borrowed. */
    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, end);
    }

    /** Pads so that the position that is {@code ahead} bytes further on is a multiple of {@code alignment}. */
    private void pad(int alignment, int ahead) {
        zeroes(-(end + ahead) & (alignment - 1));
    }

    /** Returns the position of so many new bytes. */
    private int zeroes(int count) {
        int at = end;
        end = Math.addExact(at, count);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
        }
        return at;
    }
}
