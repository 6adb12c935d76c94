package io.bowstring.vector;

import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Writes the footer of the Arrow IPC file format; {@link IpcFileFooter} reads it. The schema is that of its message, whose
 * metadata stands after the new tables, which point into it. Not instantiable.
 *
 * <pre>
 *    0 │ root: 16                                                                  all little-endian
 *    4 │ vtable: its bytes 12, bytes of the table 20, then where in it each field is: 4, 8, 12, 16
 *   16 │ Footer: vtable at 16 - 12 │ version │ schema │ dictionaries │ recordBatches   offsets, each from where it stands
 *   36 │ dictionaries:  count: i32 │ Block ...
 *      │ 0: i32, so that blocks stand at a multiple of 8
 *      │ recordBatches: count: i32 │ Block ...
 *      │ the metadata of the schema message
 *
 *   Block │ offset: i64 │ bytes of prefix and metadata: i32 │ 0: i32 │ bytes of the body: i64
 * </pre>
 *
 * @see <a href="https://github.com/apache/arrow/blob/main/format/File.fbs">File.fbs</a>
 */
final class FileFooter {
    private static final int V5 = 4;
    private static final int TABLE = 16;
    private static final int TABLE_BYTES = 20;
    private static final int BLOCK_BYTES = 24;

    private FileFooter() {}

    /**
     * Returns the footer.
     *
     * @param schema borrowed
     * @return owned
     * @throws CapacityException if it is longer than 2 GiB
     */
    static ByteBuf write(
            IpcSchema schema,
            List<IpcFileFooter.Block> dictionaries,
            List<IpcFileFooter.Block> recordBatches,
            ByteBufAllocator allocator) {
        ByteBuf metadata = schema.metadata();
        int firstVector = TABLE + TABLE_BYTES;
        long secondVector = firstVector + 8 + (long) BLOCK_BYTES * dictionaries.size();
        long olderStart = secondVector + 4 + (long) BLOCK_BYTES * recordBatches.size();
        long bytes = olderStart + metadata.readableBytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new CapacityException("the footer", bytes, Integer.MAX_VALUE);
        }
        ByteBuf out = allocator.directBuffer((int) bytes, (int) bytes);
        out.writeIntLE(TABLE).writeShortLE(TABLE - 4).writeShortLE(TABLE_BYTES);
        for (int at : new int[] {4, 8, 12, 16}) {
            out.writeShortLE(at);
        }
        out.writeIntLE(TABLE - 4).writeIntLE(V5);
        out.writeIntLE((int) olderStart + schemaTable(metadata) - (TABLE + 8));
        out.writeIntLE(firstVector - (TABLE + 12)).writeIntLE((int) secondVector - (TABLE + 16));
        writeBlocks(dictionaries, out);
        out.writeIntLE(0);
        writeBlocks(recordBatches, out);
        return out.writeBytes(metadata);
    }

    /** Returns where in the metadata of a schema message, which was read when that was made, the schema is. */
    private static int schemaTable(ByteBuf metadata) {
        int start = metadata.readerIndex();
        int message = metadata.getIntLE(start);
        int vtable = message - metadata.getIntLE(start + message);
        int header = message + metadata.getUnsignedShortLE(start + vtable + 8);
        return header + metadata.getIntLE(start + header);
    }

    private static void writeBlocks(List<IpcFileFooter.Block> blocks, ByteBuf out) {
        out.writeIntLE(blocks.size());
        for (IpcFileFooter.Block block : blocks) {
            out.writeLongLE(block.offset())
                    .writeIntLE(block.headBytes())
                    .writeIntLE(0)
                    .writeLongLE(block.bodyBytes());
        }
    }
}
