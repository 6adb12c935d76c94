package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * A schema message that no honest writer makes: the caller points its offsets where it likes. Confined to the test's
 * thread.
 */
final class Metadata {
    /** Where a {@link #field} has its offsets. */
    static final int NAME = 8;

    static final int CHILDREN = 12;
    static final int ENTRIES = 16;
    static final int LEFT_OUT = 0;

    final MetadataWriter out = new MetadataWriter(IpcKind.SCHEMA, 4, 0, false, 256);
    /** Where the schema has the offset to its fields, to be filled in. */
    final int fieldsSlot;

    Metadata() {
        int schema = out.table(8, 0, 4);
        out.header(schema);
        fieldsSlot = schema + 4;
    }

    /** Writes a field of type Struct with those offsets, to be filled in, that are not {@link #LEFT_OUT}. */
    int field(int nameAt, int childrenAt, int entriesAt) {
        int table = field(IpcTypeId.STRUCT, nameAt, childrenAt, entriesAt);
        out.point(table + 20, out.table(4));
        return table;
    }

    /** Writes a field with an offset to its type at 20, to be filled in. */
    int field(IpcTypeId type, int nameAt, int childrenAt, int entriesAt) {
        int table = out.table(24, nameAt, 4, 5, 20, 0, childrenAt, entriesAt);
        out.uint8(table + 5, type.unionValue());
        return table;
    }

    /** Points all {@code count} elements of a vector to one target. */
    void pointAll(int vector, int count, int target) {
        for (int i = 0; i < count; i++) {
            out.point(vector + 4 + 4 * i, target);
        }
    }

    /** Writes the schema's fields: {@code count} times the same field, which comes next. Returns the vector. */
    int fields(int count) {
        int vector = out.offsets(count);
        out.point(fieldsSlot, vector);
        return vector;
    }

    /** Returns the message with its prefix. */
    byte[] message() {
        return bytes(out);
    }

    /** Returns metadata with its prefix. */
    static byte[] bytes(MetadataWriter metadata) {
        ByteBuf bytes = Unpooled.buffer().writeIntLE(IpcMessage.CONTINUATION).writeIntLE(metadata.finish());
        metadata.writeTo(bytes);
        return ByteBufUtil.getBytes(bytes);
    }
}
