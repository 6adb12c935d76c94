package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;

/** Writes messages from scratch. Not instantiable. */
final class MessageWriter {
    private static final int V5 = 4;

    private MessageWriter() {}

    /** Returns the frame of a schema message, owned. */
    static Frame schema(List<IpcField> fields, Map<String, String> metadata, ByteBufAllocator allocator) {
        ByteBuf buffer =
                allocator.directBuffer().writeIntLE(IpcMessage.CONTINUATION).writeIntLE(0);
        MetadataWriter out = new MetadataWriter(buffer);
        int message = RootTables.writeMessage(out, IpcKind.SCHEMA, V5, 0, false);
        int schema = out.table(12, 0, 4, 8);
        out.point(message + 4, schema);
        out.point(schema + 4, IpcField.writeAll(fields, out));
        int entries = out.offsets(metadata.size());
        out.point(schema + 8, entries);
        int element = entries + 4;
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            out.point(element, CustomMetadata.write(out, entry.getKey(), entry.getValue()));
            element += 4;
        }
        buffer.setIntLE(4, out.finish());
        return Frame.ofOwn(buffer);
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
            bodyBytes += padded(buffers.get(i).readableBytes());
        }
        ByteBuf buffer =
                allocator.directBuffer().writeIntLE(IpcMessage.CONTINUATION).writeIntLE(0);
        MetadataWriter out = new MetadataWriter(buffer);
        int message = RootTables.writeMessage(out, IpcKind.RECORD_BATCH, V5, bodyBytes, false);
        int batch = out.table(24, 8, 16, 20);
        out.point(message + 4, batch);
        out.int64(batch + 8, rowCount);
        out.point(batch + 16, out.int64Pairs(lengths));
        out.point(batch + 20, out.int64Pairs(ranges));
        buffer.setIntLE(4, out.finish());
        for (ByteBuf part : buffers) {
            int bytes = part.readableBytes();
            buffer.writeBytes(part, part.readerIndex(), bytes).writeZero(padded(bytes) - bytes);
        }
        return Frame.ofOwn(buffer);
    }

    private static int padded(int bytes) {
        return (bytes + 7) & -8;
    }
}
