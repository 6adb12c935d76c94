package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bounds-checked reads of one metadata flatbuffer. Positions are bytes from the start of the metadata; no offset, size
 * or count that the peer wrote is used before it is checked. Offsets to tables, vectors and strings only ever point
 * forward, so a walk that follows them ends; how much it visits is for the caller to bound. What is aligned in a
 * flatbuffer must be, from the start of the metadata, and a string must end in a zero: readers rely on it.
 *
 * <pre>
 *   root:    [uoffset → table]
 *   table:   [soffset ← vtable][field values ...]
 *   vtable:  [vtable bytes: u16][table bytes: u16][offset of field 0 in table: u16 or 0][field 1] ...
 *   vector:  [count: u32][elements ...]             string: a vector of UTF-8 bytes
 * </pre>
 *
 * <p>Every read throws {@link IpcException} {@code MALFORMED} where the bytes do not bear it. Reads a copy of the bytes;
 * confined to the caller's thread. One reader may go from one metadata to the next.
 */
final class MetadataReader {
    static final VarHandle INT16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The longest metadata whose copy makes room for the next: that of some hundred buffers. */
    static final int KEPT_BYTES = 8 << 10;

    private static final byte[] NONE = {};

    /**
     * A copy, and whatever comes after it: one bulk read is cheaper than some reads through a {@link ByteBuf}, whose
     * classes are many.
     */
    private byte[] bytes = NONE;

    private int length;

    /** Where every byte is marked that is read and is more than a value; null where none is. */
    private byte @Nullable [] marks;

    /** The table whose vtable has been checked last: fields are mostly read from one table after another. */
    private int checkedTable = -1;

    private int vtable;
    private int vtableBytes;
    private int tableBytes;

    /** Creates a reader that has nothing to read yet. */
    MetadataReader() {}

    /** Reads the {@code length} bytes of {@code metadata} from {@code index} on; borrowed, copied. */
    MetadataReader(ByteBuf metadata, int index, int length) {
        load(metadata, index, length);
    }

    /** Continues to the {@code newLength} bytes of {@code metadata} from {@code index} on; borrowed, copied. */
    MetadataReader load(ByteBuf metadata, int index, int newLength) {
        if (bytes.length < newLength) {
            bytes = new byte[(newLength + 7) & -8]; // whole words
        }
        metadata.getBytes(index, bytes, 0, newLength);
        length = newLength;
        checkedTable = -1;
        return this;
    }

    /** Forgets a copy that is too long to be kept. */
    void trim() {
        if (bytes.length > KEPT_BYTES) {
            bytes = NONE;
        }
    }

    /** Returns how long the metadata is, in bytes. */
    int length() {
        return length;
    }

    /** Returns the metadata, in whole words, and whatever comes after it; borrowed until the next is loaded. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * Marks what is read from now on with -1 in {@code newMarks}: borrowed until this is called again. Null ends it. Not 64-bit
     * values, nor the bytes of strings: whoever decides something by those {@linkplain #markRead marks} them.
     */
    void mark(byte @Nullable [] newMarks) {
        marks = newMarks;
        checkedTable = -1; // else its vtable is not read again
    }

    /** Marks bytes as read. */
    void markRead(int position, int count) {
        if (marks != null) {
            Arrays.fill(marks, position, position + count, (byte) -1);
        }
    }

    /** Returns the position of the root table. */
    int root() {
        return target(0, 4);
    }

    /**
     * Returns the position of a field's value, or 0 where the table does not have it.
     *
     * @param table position of the table
     * @param field index of the field in the table's declaration
     * @param bytes width of the value inside the table
     */
    int field(int table, int field, int bytes) {
        if (table != checkedTable) {
            checkTable(table);
        }
        int slot = 4 + 2 * field;
        int offset = slot + 2 > vtableBytes ? 0 : uint16(vtable + slot);
        if (offset == 0) {
            return 0;
        }
        if (offset < 4 || offset + bytes > tableBytes) {
            throw IpcException.malformed("field offset", offset, "4.." + (tableBytes - bytes));
        }
        requireAligned("field", table + offset, bytes);
        return table + offset;
    }

    private void checkTable(int table) {
        checkedTable = -1; // until it has been
        require("table", table, 4);
        long start = (long) table - int32(table);
        if (start < 0 || start > length - 4L) {
            throw IpcException.malformed("vtable", start, "inside the metadata of " + length + " bytes");
        }
        vtable = (int) start;
        requireAligned("vtable", vtable, 2);
        vtableBytes = uint16(vtable);
        tableBytes = uint16(vtable + 2);
        if (vtableBytes < 4 || (vtableBytes & 1) != 0 || vtableBytes > length - vtable) {
            throw IpcException.malformed("vtable bytes", vtableBytes, "even, >= 4, inside the metadata");
        }
        if (tableBytes < 4 || tableBytes > length - table) {
            throw IpcException.malformed("table bytes", tableBytes, ">= 4, inside the metadata");
        }
        checkedTable = table;
    }

    /** Returns a {@code bool} or {@code byte} field, unsigned. */
    int uint8(int table, int field) {
        int at = field(table, field, 1);
        return at == 0 ? 0 : uint8(at);
    }

    int int16(int table, int field, int absent) {
        int at = field(table, field, 2);
        return at == 0 ? absent : (short) uint16(at);
    }

    int int32(int table, int field, int absent) {
        int at = field(table, field, 4);
        return at == 0 ? absent : int32(at);
    }

    long int64(int table, int field) {
        int at = field(table, field, 8);
        return at == 0 ? 0 : int64(at);
    }

    /** Reads 8 bytes that are inside the metadata: a field that {@link #field} has found, for example. */
    long int64(int position) {
        return (long) INT64.get(bytes, position);
    }

    /** Returns the position of the table that a field points to, or 0 where the field is absent. */
    int table(int table, int field) {
        int at = field(table, field, 4);
        return at == 0 ? 0 : target(at, 4);
    }

    /**
     * Returns the position of the vector that a field points to, or 0 where the field is absent. The whole vector is
     * checked to lie inside the metadata.
     *
     * @param elementBytes width of one element: 1 for a string, 4, or a multiple of 8
     */
    int vector(int table, int field, int elementBytes) {
        int at = field(table, field, 4);
        if (at == 0) {
            return 0;
        }
        int vector = target(at, 4);
        int count = int32(vector);
        if (count < 0 || (long) count * elementBytes > length - vector - 4L) {
            throw IpcException.malformed("vector count", Integer.toUnsignedLong(count), "a vector inside the metadata");
        }
        if (elementBytes == 1) {
            int end = vector + 4 + count;
            if (end == length || uint8(end) != 0) {
                throw IpcException.malformed("end of string", end, "a zero byte");
            }
        } else if (count != 0) { // writers align no elements where there are none
            requireAligned("vector elements", vector + 4, Math.min(elementBytes, Long.BYTES));
        }
        return vector;
    }

    /** Returns the number of elements of a vector that {@link #vector} has found; 0 for position 0. */
    int count(int vector) {
        return vector == 0 ? 0 : int32(vector);
    }

    /** Returns the position of the table that element {@code index} of a vector of tables points to. */
    int tableAt(int vector, int index) {
        return target(vector + 4 + 4 * index, 4);
    }

    /** Returns element {@code index} of a vector of {@code long}, or a part of a struct of some; it must have that many. */
    long int64At(int vector, int index) {
        return int64(vector + 4 + 8 * index);
    }

    /** Returns the text of a string that {@link #vector} has found at {@code vector}; empty for position 0. */
    String string(int vector) {
        return new String(bytes, vector + 4, count(vector), StandardCharsets.UTF_8);
    }

    /** Returns the bytes of a string, as they are, that {@link #vector} has found at {@code vector}; a view. */
    ByteBuffer stringBytes(int vector) {
        return ByteBuffer.wrap(bytes, vector + 4, int32(vector));
    }

    private int target(int position, int bytes) {
        require("offset", position, 4);
        long target = position + Integer.toUnsignedLong(int32(position));
        if (target < position + 4L || target > length - (long) bytes) {
            throw IpcException.malformed("offset", target - position, "forward, inside the metadata");
        }
        requireAligned("offset target", (int) target, 4);
        return (int) target;
    }

    /** Checks that what stands at {@code position} is aligned to its width, a power of two. */
    private static void requireAligned(String what, int position, int bytes) {
        if ((position & (bytes - 1)) != 0) {
            throw IpcException.malformed(what, position, "a multiple of " + bytes);
        }
    }

    private void require(String what, int position, int bytes) {
        if (position < 0 || position > length - bytes) {
            throw IpcException.malformed(what, position, "inside the metadata of " + length + " bytes");
        }
    }

    /** Reads 4 bytes that are inside the metadata, in a vector that {@link #vector} has found for example. */
    int int32(int position) {
        markRead(position, 4);
        return (int) INT32.get(bytes, position);
    }

    private int uint16(int position) {
        markRead(position, 2);
        return (short) INT16.get(bytes, position) & 0xFFFF;
    }

    private int uint8(int position) {
        markRead(position, 1);
        return bytes[position] & 0xFF;
    }
}
