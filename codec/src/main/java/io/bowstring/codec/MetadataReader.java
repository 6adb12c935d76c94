package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

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
 * <p>Every read throws {@link IpcException} {@code MALFORMED} where the bytes do not bear it. Borrows the bytes, whose owner
 * must outlive it; confined to the caller's thread. One reader may go from one metadata to the next in the same buffer.
 */
final class MetadataReader {
    /** Reads through a {@link ByteBuf} cost several times as much, each of them. */
    private final ByteBuffer bytes;

    private int base;
    private int length;

    /** The table whose vtable has been checked last: fields are mostly read from one table after another. */
    private int checkedTable = -1;

    private int vtable;
    private int vtableBytes;
    private int tableBytes;

    /** Reads the {@code length} bytes of {@code metadata} from index {@code base} on; borrowed. */
    MetadataReader(ByteBuf metadata, int base, int length) {
        this.bytes = metadata.nioBuffer(base, length).order(ByteOrder.LITTLE_ENDIAN);
        this.length = length;
    }

    /** Moves on to the {@code newLength} bytes from byte {@code newBase} on of those that the reader was made for. */
    MetadataReader moveTo(int newBase, int newLength) {
        base = newBase;
        length = newLength;
        checkedTable = -1;
        return this;
    }

    /** Returns whether the metadata is what remains in {@code other}, byte for byte; borrowed. */
    boolean hasBytes(ByteBuffer other) {
        if (other.remaining() != length) {
            return false;
        }
        boolean isSame = bytes.limit(base + length).position(base).mismatch(other) < 0;
        bytes.clear();
        return isSame;
    }

    /** Returns a copy of the metadata, in {@code reused} where it has the room. */
    ByteBuffer copyBytes(ByteBuffer reused) {
        ByteBuffer copy = reused.capacity() < length ? ByteBuffer.allocate(length) : reused.clear();
        return copy.put(0, bytes, base, length).limit(length);
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
        return at == 0 ? 0 : bytes.get(base + at) & 0xFF;
    }

    int int16(int table, int field, int absent) {
        int at = field(table, field, 2);
        return at == 0 ? absent : bytes.getShort(base + at);
    }

    int int32(int table, int field, int absent) {
        int at = field(table, field, 4);
        return at == 0 ? absent : int32(at);
    }

    long int64(int table, int field) {
        int at = field(table, field, 8);
        return at == 0 ? 0 : bytes.getLong(base + at);
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
            if (end == length || bytes.get(base + end) != 0) {
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
        return bytes.getLong(base + vector + 4 + 8 * index);
    }

    /** Returns the bytes of a string that {@link #vector} has found at {@code vector}; empty for position 0. */
    String string(int vector) {
        byte[] utf8 = new byte[count(vector)];
        bytes.get(base + vector + 4, utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Returns the bytes of a string, as they are, that {@link #vector} has found at {@code vector}; a view. */
    ByteBuffer stringBytes(int vector) {
        return bytes.slice(base + vector + 4, int32(vector));
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
        return bytes.getInt(base + position);
    }

    private int uint16(int position) {
        return bytes.getShort(base + position) & 0xFFFF;
    }
}
