package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Bounds-checked reads of one metadata flatbuffer. Positions are bytes from the start of the metadata; no offset, size
 * or count that the peer wrote is used before it is checked. Offsets to tables, vectors and strings only ever point
 * forward, so a walk that follows them ends; how much it visits is for the caller to bound.
 *
 * <pre>
 *   root:    [uoffset → table]
 *   table:   [soffset ← vtable][field values ...]
 *   vtable:  [vtable bytes: u16][table bytes: u16][offset of field 0 in table: u16 or 0][field 1] ...
 *   vector:  [count: u32][elements ...]             string: a vector of UTF-8 bytes
 * </pre>
 *
 * <p>Every read throws {@link IpcException} {@code MALFORMED} where the bytes do not bear it. Borrows the buffer;
 * confined to the caller's thread.
 */
final class MetadataReader {
    private final ByteBuf metadata;
    private final int base;
    private final int length;

    /** Reads the {@code length} bytes of {@code metadata} from index {@code base} on; borrowed. */
    MetadataReader(ByteBuf metadata, int base, int length) {
        this.metadata = metadata;
        this.base = base;
        this.length = length;
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
        require("table", table, 4);
        long vtable = (long) table - int32(table);
        if (vtable < 0 || vtable > length - 4L) {
            throw IpcException.malformed("vtable", vtable, "inside the metadata of " + length + " bytes");
        }
        int vtableBytes = uint16((int) vtable);
        int tableBytes = uint16((int) vtable + 2);
        if (vtableBytes < 4 || (vtableBytes & 1) != 0 || vtableBytes > length - vtable) {
            throw IpcException.malformed("vtable bytes", vtableBytes, "even, >= 4, inside the metadata");
        }
        if (tableBytes < 4 || tableBytes > length - table) {
            throw IpcException.malformed("table bytes", tableBytes, ">= 4, inside the metadata");
        }
        int slot = 4 + 2 * field;
        int offset = slot + 2 > vtableBytes ? 0 : uint16((int) vtable + slot);
        if (offset == 0) {
            return 0;
        }
        if (offset < 4 || offset + bytes > tableBytes) {
            throw IpcException.malformed("field offset", offset, "4.." + (tableBytes - bytes));
        }
        return table + offset;
    }

    /** Returns a {@code bool} or {@code byte} field, unsigned. */
    int uint8(int table, int field) {
        int at = field(table, field, 1);
        return at == 0 ? 0 : metadata.getUnsignedByte(base + at);
    }

    int int16(int table, int field, int absent) {
        int at = field(table, field, 2);
        return at == 0 ? absent : metadata.getShortLE(base + at);
    }

    int int32(int table, int field, int absent) {
        int at = field(table, field, 4);
        return at == 0 ? absent : int32(at);
    }

    long int64(int table, int field) {
        int at = field(table, field, 8);
        return at == 0 ? 0 : metadata.getLongLE(base + at);
    }

    /** Returns the position of the table that a field points to, or 0 where the field is absent. */
    int table(int table, int field) {
        int at = field(table, field, 4);
        return at == 0 ? 0 : target(at, 4);
    }

    /**
     * Returns the position of the vector that a field points to, or 0 where the field is absent.
     *
     * @param elementBytes width of one element; the whole vector is checked to lie inside the metadata
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

    int int32At(int vector, int index) {
        return int32(vector + 4 + 4 * index);
    }

    /**
     * Returns the metadata for many reads at positions inside vectors that {@link #vector} has found, each of them a
     * fraction of what one through a {@link ByteBuf} costs. Borrowed, a new view.
     */
    ByteBuffer view() {
        return metadata.nioBuffer(base, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads 8 bytes at a position inside a vector of structs that {@link #vector} has found. */
    long int64AtPosition(int position) {
        require("struct", position, 8);
        return metadata.getLongLE(base + position);
    }

    /** Reads 4 bytes at a position inside a vector of structs that {@link #vector} has found. */
    int int32AtPosition(int position) {
        require("struct", position, 4);
        return int32(position);
    }

    /** Returns the bytes of a string that {@link #vector} has found at {@code vector}; empty for position 0. */
    String string(int vector) {
        return vector == 0 ? "" : metadata.toString(base + vector + 4, int32(vector), StandardCharsets.UTF_8);
    }

    private int target(int position, int bytes) {
        require("offset", position, 4);
        long target = position + Integer.toUnsignedLong(int32(position));
        if (target < position + 4L || target > length - (long) bytes) {
            throw IpcException.malformed("offset", target - position, "forward, inside the metadata");
        }
        return (int) target;
    }

    private void require(String what, int position, int bytes) {
        if (position < 0 || position > length - bytes) {
            throw IpcException.malformed(what, position, "inside the metadata of " + length + " bytes");
        }
    }

    private int int32(int position) {
        return metadata.getIntLE(base + position);
    }

    private int uint16(int position) {
        return metadata.getUnsignedShortLE(base + position);
    }
}
