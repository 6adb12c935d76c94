package io.bowstring.flight;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;

/**
 * Bounds-checked walk along the fields of one protobuf message.
 *
 * <pre>
 *   field:      tag: varint = number &lt;&lt; 3 | wire type, value
 *   value:      0 varint   1 8 bytes   2 length: varint, bytes   3 fields, up to a 4 of that number   5 4 bytes
 *   varint:     7 bits a byte, lowest first; the highest bit of a byte says that another follows
 * </pre>
 *
 * <p>Loops, no recursion. Every read throws {@link IpcException} {@code MALFORMED}, or {@code TRUNCATED} where the bytes
 * end too early. Borrows the buffer; confined to the caller's thread.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers: encoding</a>
 */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    static final int BYTES = 2;
    private static final int GROUP = 3;
    private static final int GROUP_END = 4;
    private static final int FIXED_32 = 5;

    private static final int MAX_VARINT_BITS = 70;
    private static final long MAX_TAG = 0xFFFF_FFFFL;
    private static final int MIN_TAG = 1 << 3;

    /** What protobuf's own readers allow. */
    private static final int MAX_GROUP_DEPTH = 100;

    private final ByteBuf in;
    private int tag;
    private int[] groups = {};

    /** Reads the readable bytes of {@code message}; borrowed, its indices stay. */
    ProtobufReader(ByteBuf message) {
        this.in = message.slice();
    }

    /** Moves on to the next field, whose value must then be read or skipped; returns false where there is none. */
    boolean next() {
        if (!in.isReadable()) {
            return false;
        }
        long read = varint("tag");
        if (read < MIN_TAG || read > MAX_TAG) {
            throw new IpcException(
                    IpcErrorCode.MALFORMED, "tag", Long.toUnsignedString(read), MIN_TAG + ".." + MAX_TAG);
        }
        tag = (int) read;
        return true;
    }

    /** Returns the number of the field and the wire type of its value, as they stand in the tag. */
    int tag() {
        return tag;
    }

    /** Returns a value of wire type 2; borrowed. */
    ByteBuf bytes(String field) {
        return in.readSlice(require(field, varint(field)));
    }

    void skip() {
        if (wireType() == GROUP) {
            skipGroup();
        } else {
            skipValue();
        }
    }

    private void skipValue() {
        switch (wireType()) {
            case VARINT -> varint("unknown field");
            case FIXED_64 -> in.skipBytes(require("unknown field", Long.BYTES));
            case BYTES -> in.skipBytes(require("unknown field", varint("unknown field")));
            case FIXED_32 -> in.skipBytes(require("unknown field", Integer.BYTES));
            default -> throw new IpcException(IpcErrorCode.MALFORMED, "wire type", wireType(), "0, 1, 2, 3 or 5");
        }
    }

    private void skipGroup() {
        if (groups.length == 0) {
            groups = new int[MAX_GROUP_DEPTH];
        }
        int depth = 0;
        groups[depth++] = tag;
        while (depth > 0) {
            if (!next()) {
                throw truncated("group", "its end");
            }
            if (wireType() == GROUP) {
                if (depth == MAX_GROUP_DEPTH) {
                    throw new IpcException(
                            IpcErrorCode.TOO_LARGE, "depth of groups", depth + 1, "<= " + MAX_GROUP_DEPTH);
                }
                groups[depth++] = tag;
            } else if (wireType() == GROUP_END) {
                int begin = groups[--depth];
                if (begin >>> 3 != tag >>> 3) {
                    throw new IpcException(
                            IpcErrorCode.MALFORMED, "end of group", tag >>> 3, String.valueOf(begin >>> 3));
                }
            } else {
                skipValue();
            }
        }
    }

    private int wireType() {
        return tag & 7;
    }

    private long varint(String field) {
        long value = 0;
        for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
            if (!in.isReadable()) {
                throw truncated(field, "the rest of a varint");
            }
            byte next = in.readByte();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IpcException(IpcErrorCode.MALFORMED, field, "a varint of more than 10 bytes", "<= 10 bytes");
    }

    private int require(String field, long bytes) {
        if (bytes < 0) {
            throw new IpcException(
                    IpcErrorCode.MALFORMED, field, Long.toUnsignedString(bytes) + " bytes", "<= 2^63 - 1");
        }
        if (bytes > in.readableBytes()) {
            throw truncated(field, bytes + " bytes");
        }
        return (int) bytes;
    }

    private IpcException truncated(String field, String rule) {
        return new IpcException(IpcErrorCode.TRUNCATED, field, in.readableBytes() + " bytes are left", rule);
    }
}
