package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Writes messages from scratch. Not instantiable. */
final class MessageWriter {
    static final int V5 = 4;

    private MessageWriter() {}

    /** Returns the frame of a schema message whose fields have no {@code custom_metadata}, owned. */
    static Frame schema(List<IpcField> fields, Map<String, String> metadata, ByteBufAllocator allocator) {
        return schema(fields, FieldEntries.none(), out -> CustomMetadata.writeAll(out, metadata), allocator);
    }

    /**
     * Returns the frame of a schema message like one that has been read, in tables of its own; owned.
     *
     * @param older where the schema stands; borrowed
     */
    static Frame schemaLike(List<IpcField> fields, MetadataReader older, int schemaTable, ByteBufAllocator allocator) {
        int entries = older.vector(schemaTable, 2, 4);
        FieldEntries fieldEntries = FieldEntries.of(older, schemaTable);
        return schema(fields, fieldEntries, out -> CustomMetadata.copy(older, entries, out), allocator);
    }

    private static Frame schema(
            List<IpcField> fields,
            FieldEntries fieldEntries,
            ToIntFunction<MetadataWriter> entries,
            ByteBufAllocator allocator) {
        ByteBuf metadataBytes = Unpooled.buffer();
        MetadataWriter out = new MetadataWriter(metadataBytes);
        int message = RootTables.writeMessage(out, IpcKind.SCHEMA, V5, 0, false);
        int schema = out.table(12, 0, 4, 8);
        out.point(message + 4, schema);
        out.point(schema + 4, IpcField.writeAll(fields, fieldEntries, out));
        out.point(schema + 8, entries.applyAsInt(out));
        out.finish();
        return Frame.ofOwn(newFrame(metadataBytes, 0, allocator));
    }

    /** Returns the frame of a record batch with the given body, which is borrowed; owned. */
    static Frame recordBatch(
            long rowCount, List<IpcFieldNode> nodes, List<ByteBuf> buffers, ByteBufAllocator allocator) {
        long[] lengths = new long[2 * nodes.size()];
        for (int i = 0; i < nodes.size(); i++) {
            lengths[2 * i] = nodes.get(i).length();
            lengths[2 * i + 1] = nodes.get(i).nullCount();
        }
        long[] ranges = new long[2 * buffers.size()];
        int bodyBytes = 0;
        for (int i = 0; i < buffers.size(); i++) {
            ranges[2 * i] = bodyBytes;
            ranges[2 * i + 1] = buffers.get(i).readableBytes();
            bodyBytes = Math.addExact(bodyBytes, padded(buffers.get(i).readableBytes()));
        }
        ByteBuf metadataBytes = Unpooled.buffer();
        MetadataWriter out = new MetadataWriter(metadataBytes);
        int message = RootTables.writeMessage(out, IpcKind.RECORD_BATCH, V5, bodyBytes, false);
        out.point(message + 4, batchTable(out, rowCount, lengths, ranges, null));
        out.finish();
        ByteBuf buffer = newFrame(metadataBytes, bodyBytes, allocator);
        try {
            for (ByteBuf part : buffers) {
                int bytes = part.readableBytes();
                buffer.writeBytes(part, part.readerIndex(), bytes).writeZero(padded(bytes) - bytes);
            }
            return Frame.ofOwn(buffer);
        } catch (Throwable e) {
            buffer.release();
            throw e;
        }
    }

    /**
     * Writes a {@code RecordBatch} table and returns its position.
     *
     * @param nodes pairs of length and null count
     * @param ranges pairs of offset and length of the buffers
     */
    static int batchTable(
            MetadataWriter out,
            long rowCount,
            long[] nodes,
            long[] ranges,
            @Nullable IpcCompression compression,
            long... variadicCounts) {
        int batch = out.table(32, 8, 16, 20, compression == null ? 0 : 24, variadicCounts.length == 0 ? 0 : 28);
        out.int64(batch + 8, rowCount);
        out.point(batch + 16, out.int64Pairs(nodes));
        out.point(batch + 20, out.int64Pairs(ranges));
        if (compression != null) {
            int table = out.table(8, 4, 5);
            out.uint8(table + 4, compression.codec());
            out.point(batch + 24, table);
        }
        if (variadicCounts.length != 0) {
            out.point(batch + 28, out.int64s(variadicCounts));
        }
        return batch;
    }

    /**
     * Returns a buffer with prefix and metadata of a dictionary batch, and room for its body; owned.
     *
     * @param node length and null count
     * @param ranges offset and length of each buffer
     */
    static ByteBuf dictionaryHead(
            long id, boolean isDelta, long[] node, long[] ranges, int bodyBytes, ByteBufAllocator allocator) {
        ByteBuf metadataBytes = Unpooled.buffer();
        MetadataWriter out = new MetadataWriter(metadataBytes);
        int message = RootTables.writeMessage(out, IpcKind.DICTIONARY_BATCH, V5, bodyBytes, false);
        int dictionary = out.table(24, 8, 16, 20);
        out.point(message + 4, dictionary);
        out.int64(dictionary + 8, id);
        out.uint8(dictionary + 20, isDelta ? 1 : 0);
        out.point(dictionary + 16, batchTable(out, node[0], node, ranges, null));
        out.finish();
        return newFrame(metadataBytes, bodyBytes, allocator);
    }

    /** Returns a buffer with prefix and metadata, and room for a body; owned. */
    private static ByteBuf newFrame(ByteBuf metadata, int bodyBytes, ByteBufAllocator allocator) {
        int headBytes = IpcMessage.PREFIX_BYTES + metadata.readableBytes();
        return Frame.allocate(allocator, 0, headBytes, bodyBytes)
                .writeIntLE(IpcMessage.CONTINUATION)
                .writeIntLE(metadata.readableBytes())
                .writeBytes(metadata);
    }

    private static int padded(int bytes) {
        return (bytes + 7) & -8;
    }
}
