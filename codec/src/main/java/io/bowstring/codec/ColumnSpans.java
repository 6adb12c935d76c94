package io.bowstring.codec;

import java.util.List;

/**
 * Where each top-level field stands in a record batch: its nodes, its buffers and its variadic counts, those of its
 * children included. Immutable.
 *
 * <pre>
 *   field i:   nodes[i] .. nodes[i + 1]    buffers[i] .. buffers[i + 1], and as many more as its variadic counts say
 *                                          counts[i] .. counts[i + 1]
 * </pre>
 */
final class ColumnSpans {
    private final int[] nodes;
    private final int[] buffers;
    private final int[] buffersV4;
    private final int[] counts;

    /**
     * Compiles the spans of a schema's fields.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    ColumnSpans(List<IpcField> fields) {
        nodes = new int[fields.size() + 1];
        buffers = new int[fields.size() + 1];
        buffersV4 = new int[fields.size() + 1];
        counts = new int[fields.size() + 1];
        for (int i = 0; i < fields.size(); i++) {
            BatchLayout layout = BatchLayout.ofFields(fields.subList(i, i + 1));
            int variadic = 0;
            int onlyV4 = 0;
            for (BatchLayout.Buffer buffer : layout.buffers()) {
                variadic += buffer.rule() == BatchLayout.Rule.VARIADIC ? 1 : 0;
                onlyV4 += buffer.rule() == BatchLayout.Rule.VALIDITY_V4 ? 1 : 0;
            }
            int always = layout.buffers().length - variadic - onlyV4;
            nodes[i + 1] = nodes[i] + layout.nodes().length;
            buffers[i + 1] = buffers[i] + always;
            buffersV4[i + 1] = buffersV4[i] + always + onlyV4;
            counts[i + 1] = counts[i] + variadic;
        }
    }

    /**
     * Returns what a batch has of some fields.
     *
     * @param batch of the schema's fields; borrowed
     * @param indices of the wanted fields, in the wanted order
     * @throws IpcException {@code MALFORMED} where the batch has other nodes or buffers than its schema implies, or one of
     *     those that are wanted is outside the body: no more is checked
     */
    BatchTable select(IpcBatchMetadata batch, List<Integer> indices) {
        int fields = nodes.length - 1;
        IpcBatchVerifier.requireCount("field nodes", batch.nodeCount(), nodes[fields]);
        IpcBatchVerifier.requireCount("variadicBufferCounts", batch.variadicFieldCount(), counts[fields]);
        long[] variadicBefore = variadicBefore(batch);
        int[] firsts = batch.hasValidityOfUnions() ? buffersV4 : buffers;
        IpcBatchVerifier.requireCount("buffers", batch.bufferCount(), firsts[fields] + variadicBefore[counts[fields]]);
        BatchTable selected = new BatchTable();
        for (int field : indices) {
            for (int node = nodes[field]; node < nodes[field + 1]; node++) {
                selected.addNode(batch.length(node), batch.nullCount(node));
            }
            int end = firsts[field + 1] + (int) variadicBefore[counts[field + 1]];
            for (int buffer = firsts[field] + (int) variadicBefore[counts[field]]; buffer < end; buffer++) {
                selected.addRange(batch.bufferOffset(buffer), batch.checkedBytes(buffer));
            }
            for (int count = counts[field]; count < counts[field + 1]; count++) {
                selected.addVariadicCount(batch.variadicCount(count));
            }
        }
        return selected;
    }

    /** Returns how many variadic buffers there are before those that each count stands for, and in all. */
    private static long[] variadicBefore(IpcBatchMetadata batch) {
        long[] before = new long[batch.variadicFieldCount() + 1];
        for (int i = 0; i < batch.variadicFieldCount(); i++) {
            long count = batch.variadicCount(i);
            if (count < 0 || count > batch.bufferCount()) {
                throw IpcException.malformed("variadicBufferCounts", count, "0.." + batch.bufferCount());
            }
            before[i + 1] = before[i] + count;
        }
        return before;
    }
}
