package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;

/** Record batches without compression and without variadic buffers. Not instantiable. */
public final class PlainBatch {
    private PlainBatch() {}

    /**
     * How many values one field has.
     *
     * @param length values, nulls included
     * @param nullCount nulls among them
     */
    public record Node(long length, long nullCount) {}

    /**
     * Writes a batch.
     *
     * @param nodes one per field, nested ones after their parent
     * @param buffers the buffers of all fields in the order that the columnar format gives; borrowed, copied
     * @return the message, owned
     */
    public static IpcRecordBatch of(
            long rowCount, List<Node> nodes, List<ByteBuf> buffers, ByteBufAllocator allocator) {
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, Integer.MAX_VALUE, allocator)) {
            nodes.forEach(node -> batch.addNode(node.length(), node.nullCount()));
            buffers.forEach(bytes -> batch.addBuffer(bytes.retain()));
            return batch.recordBatch(rowCount, Map.of());
        }
    }
}
