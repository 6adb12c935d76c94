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
    private final Frame frame;
    private final MetadataReader in;
    private final IpcBatchMetadata old;

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
        this.old = new IpcBatchMetadata().moveTo(frame, in, frame.header().table());
        int version = frame.header().version();
        int fields = spans.fieldCount();
        BatchVerifier.requireCount("field nodes", old.nodeCount(), spans.node(fields));
        BatchVerifier.requireCount("variadicBufferCounts", old.variadicFieldCount(), spans.variadicCount(fields));
        long[] variadicBefore = variadicBefore();
        long buffers = spans.buffer(fields, version) + variadicBefore[variadicBefore.length - 1];
        BatchVerifier.requireCount("buffers", old.bufferCount(), buffers);
        for (int field : indices) {
            int firstCount = spans.variadicCount(field);
            int endCount = spans.variadicCount(field + 1);
            addNodes(spans.node(field), spans.node(field + 1));
            addRanges((int) (spans.buffer(field, version) + variadicBefore[firstCount]), (int)
                    (spans.buffer(field + 1, version) + variadicBefore[endCount]));
            addCounts(firstCount, endCount);
        }
    }

    /** Returns how many variadic buffers there are before those that each count stands for, and in all. */
    private long[] variadicBefore() {
        int bufferCount = old.bufferCount();
        int count = old.variadicFieldCount();
        long[] before = new long[count + 1];
        for (int i = 0; i < count; i++) {
            long buffers = old.variadicCount(i);
            if (buffers < 0 || buffers > bufferCount) {
                throw IpcException.malformed("variadicBufferCounts", buffers, "0.." + bufferCount);
            }
            before[i + 1] = before[i] + buffers;
        }
        return before;
    }

    private void addNodes(int from, int to) {
        nodes = withRoomFor(nodes, nodeLongs + 2 * (to - from));
        for (int i = from; i < to; i++) {
            nodes[nodeLongs++] = old.length(i);
            nodes[nodeLongs++] = old.nullCount(i);
        }
    }

    private void addRanges(int from, int to) {
        ranges = withRoomFor(ranges, rangeLongs + 2 * (to - from));
        for (int i = from; i < to; i++) {
            ranges[rangeLongs++] = old.bufferOffset(i);
            ranges[rangeLongs++] = old.checkedBytes(i);
        }
    }

    private void addCounts(int from, int to) {
        counts = withRoomFor(counts, countLongs + to - from);
        for (int i = from; i < to; i++) {
            counts[countLongs++] = old.variadicCount(i);
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
        int compression = old.compressionBits();
        int batch = out.table(32, 8, 16, 20, compression < 0 ? 0 : 24, countLongs == 0 ? 0 : 28);
        out.int64(batch + 8, old.rowCount());
        out.point(batch + 16, out.int64Pairs(Arrays.copyOf(nodes, nodeLongs)));
        out.point(batch + 20, out.int64Pairs(ranges));
        if (compression >= 0) {
            int compressionTable = out.table(8, 4, 5);
            out.int16(compressionTable + 4, compression);
            out.point(batch + 24, compressionTable);
        }
        if (countLongs != 0) {
            out.point(batch + 28, out.int64s(Arrays.copyOf(counts, countLongs)));
        }
        return batch;
    }
}
