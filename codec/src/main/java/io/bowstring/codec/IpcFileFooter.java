package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * The footer of the Arrow IPC file format: what the schema is, and where the messages stand in the file. Immutable.
 *
 * <pre>
 *   ARROW1 00 00 │ messages, as in a stream │ footer │ footer bytes: i32 │ ARROW1
 * </pre>
 *
 * @param dictionaries the dictionary batches, in the order in which they apply
 * @param recordBatches the record batches, in order
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format">Arrow: IPC file format</a>
 */
public record IpcFileFooter(List<Block> dictionaries, List<Block> recordBatches) {
    private static final int BLOCK_BYTES = 24;

    /** Copies the lists. */
    public IpcFileFooter {
        dictionaries = List.copyOf(dictionaries);
        recordBatches = List.copyOf(recordBatches);
    }

    /**
     * Reads a footer.
     *
     * @param footer the bytes between the last message and the footer's length; borrowed
     * @throws IpcException {@code MALFORMED} where they are not a footer
     */
    public static IpcFileFooter read(ByteBuf footer) {
        MetadataReader in = new MetadataReader(footer, footer.readerIndex(), footer.readableBytes());
        int root = in.root();
        return new IpcFileFooter(
                readBlocks(in, in.vector(root, 2, BLOCK_BYTES)), readBlocks(in, in.vector(root, 3, BLOCK_BYTES)));
    }

    /**
     * Reads the schema of a file from its footer. The copy of it that most writers put before the messages is not part of
     * the format: some leave it out, and some write it in another framing.
     *
     * @param footer the bytes between the last message and the footer's length; borrowed
     * @return a schema message of its own, with the {@code custom_metadata} of the schema and of its fields; owned
     * @throws IpcException {@code MALFORMED} where there is no schema or it is not well-formed; {@code UNSUPPORTED} where it
     *     is big-endian
     */
    public static IpcSchema readSchema(ByteBuf footer, ByteBufAllocator allocator) {
        MetadataReader in = new MetadataReader(footer, footer.readerIndex(), footer.readableBytes());
        int table = in.table(in.root(), 1);
        if (table == 0) {
            throw IpcException.malformed("schema of the footer", "absent", "a table");
        }
        SchemaReader reader = new SchemaReader(in, IpcLimits.UNLIMITED);
        List<IpcField> fields = reader.read(table);
        reader.readEntries(); // copied they would be longer where they share strings
        return IpcSchema.write(fields, reader.entryCopies(), allocator);
    }

    private static List<Block> readBlocks(MetadataReader in, int vector) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.count(vector); i++) {
            Block block = new Block(
                    in.int64At(vector, 3 * i), (int) in.int64At(vector, 3 * i + 1), in.int64At(vector, 3 * i + 2));
            if (block.offset < 0 || block.headBytes < 0 || block.bodyBytes < 0) {
                throw IpcException.malformed("block", block, "no negative number");
            }
            blocks.add(block);
        }
        return blocks;
    }

    /**
     * Where one message stands.
     *
     * @param offset of its first byte in the file
     * @param headBytes its prefix and metadata
     * @param bodyBytes its body
     */
    public record Block(long offset, int headBytes, long bodyBytes) {}
}
