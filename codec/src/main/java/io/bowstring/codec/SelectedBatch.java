package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a record batch has of some of its schema's fields: their nodes, buffers and variadic counts. See
 * {@link BatchVerifier} for the tables.
 *
 * <p>No more is checked than that nothing is read or sent which is not the batch's own. Confined to the caller's thread;
 * borrows the frame.
 */
final class SelectedBatch {
    private static final int STRUCT_BYTES = 16;

    private final Frame frame;
    private final MetadataReader in;
    private final int table;
    private final int oldNodes;
    private final int oldRanges;
    private final int oldCounts;

    private long[] nodes = new long[16];
    private int nodeLongs;
    private long[] ranges = new long[32];
    private int rangeLongs;
    private long[] counts = new long[4];
    private int countLongs;

    /**
     * Selects from a batch.
     *
     * @param spans of the schema's fields
     * @param indices of the wanted fields, in the wanted order
     * @throws IpcException {@code MALFORMED} where the batch has other nodes or buffers than its schema implies
     */
    SelectedBatch(Frame frame, ColumnSpans spans, List<Integer> indices) {
        this.frame = frame;
        this.in = frame.reader();
        this.table = frame.header().table();
        this.oldNodes = in.vector(table, 1, STRUCT_BYTES);
        this.oldRanges = in.vector(table, 2, STRUCT_BYTES);
        this.oldCounts = in.vector(table, 4, Long.BYTES);
        int version = frame.header().version();
        int fields = spans.fieldCount();
        requireCount("field nodes", in.count(oldNodes), spans.node(fields));
        requireCount("variadicBufferCounts", in.count(oldCounts), spans.variadicCount(fields));
        long[] variadicBefore = variadicBefore(in.count(oldRanges));
        long buffers = spans.buffer(fields, version) + variadicBefore[variadicBefore.length - 1];
        requireCount("buffers", in.count(oldRanges), buffers);
        for (int field : indices) {
            int firstCount = spans.variadicCount(field);
            int endCount = spans.variadicCount(field + 1);
            addNodes(spans.node(field), spans.node(field + 1));
            addRanges((int) (spans.buffer(field, version) + variadicBefore[firstCount]), (int)
                    (spans.buffer(field + 1, version) + variadicBefore[endCount]));
            addCounts(firstCount, endCount);
        }
    }

    private static void requireCount(String what, long count, long expected) {
        if (count != expected) {
            throw IpcException.malformed(what, count, expected + ", as the schema implies");
        }
    }

    /** Returns how many variadic buffers there are before those that each count stands for, and in all. */
    private long[] variadicBefore(int bufferCount) {
        int count = in.count(oldCounts);
        long[] before = new long[count + 1];
        for (int i = 0; i < count; i++) {
            long buffers = in.int64At(oldCounts, i);
            if (buffers < 0 || buffers > bufferCount) {
                throw IpcException.malformed("variadicBufferCounts", buffers, "0.." + bufferCount);
            }
            before[i + 1] = before[i] + buffers;
        }
        return before;
    }

    private void addNodes(int from, int to) {
        nodes = withRoomFor(nodes, nodeLongs + 2 * (to - from));
        for (int i = 2 * from; i < 2 * to; i++) {
            nodes[nodeLongs++] = in.int64At(oldNodes, i);
        }
    }

    private void addRanges(int from, int to) {
        ranges = withRoomFor(ranges, rangeLongs + 2 * (to - from));
        int bodyBytes = frame.bodyBytes();
        for (int i = from; i < to; i++) {
            long offset = in.int64At(oldRanges, 2 * i);
            long bytes = in.int64At(oldRanges, 2 * i + 1);
            if ((offset | bytes) < 0 || offset > bodyBytes - bytes || (offset & 7) != 0) {
                throw BatchVerifier.outsideBody(i, offset, bytes, bodyBytes);
            }
            ranges[rangeLongs++] = offset;
            ranges[rangeLongs++] = bytes;
        }
    }

    private void addCounts(int from, int to) {
        counts = withRoomFor(counts, countLongs + to - from);
        for (int i = from; i < to; i++) {
            counts[countLongs++] = in.int64At(oldCounts, i);
        }
    }

    private static long[] withRoomFor(long[] values, int count) {
        return count <= values.length ? values : Arrays.copyOf(values, Math.max(count, 2 * values.length));
    }

    /**
     * Returns the frame of a batch that has the selected fields alone; owned, it shares the body.
     *
     * @param onFree as for {@link SelectedBody#behind}
     */
    Frame newFrame(@Nullable Runnable onFree, ByteBufAllocator allocator) {
        ranges = Arrays.copyOf(ranges, rangeLongs);
        SelectedBody body = new SelectedBody(frame.body(), ranges);
        ByteBuf metadata = Unpooled.buffer(256);
        MetadataWriter out = new MetadataWriter(metadata);
        MessageHeader header = frame.header();
        boolean hasEntries = header.entries() != 0;
        int message = RootTables.writeMessage(out, header.kind(), header.version(), body.readableBytes(), hasEntries);
        out.point(message + 4, writeBatch(out));
        if (hasEntries) {
            out.point(message + 16, CustomMetadata.copy(in, header.entries(), out));
        }
        out.finish();
        return Frame.ofOwn(body.behind(metadata, onFree, allocator));
    }

    private int writeBatch(MetadataWriter out) {
        int oldCompression = in.table(table, 3);
        int batch = out.table(32, 8, 16, 20, oldCompression == 0 ? 0 : 24, countLongs == 0 ? 0 : 28);
        out.int64(batch + 8, in.int64(table, 0));
        out.point(batch + 16, out.int64Pairs(Arrays.copyOf(nodes, nodeLongs)));
        out.point(batch + 20, out.int64Pairs(ranges));
        if (oldCompression != 0) {
            int compression = out.table(8, 4, 5);
            out.uint8(compression + 4, in.uint8(oldCompression, 0));
            out.uint8(compression + 5, in.uint8(oldCompression, 1));
            out.point(batch + 24, compression);
        }
        if (countLongs != 0) {
            out.point(batch + 28, out.int64s(Arrays.copyOf(counts, countLongs)));
        }
        return batch;
    }
}
