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
    private static final int METADATA_V4 = 3;

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
            for (int buffer = 0; buffer < layout.bufferCount(); buffer++) {
                variadic += layout.rule(buffer) == BatchLayout.VARIADIC ? 1 : 0;
                onlyV4 += layout.rule(buffer) == BatchLayout.VALIDITY_V4 ? 1 : 0;
            }
            int always = layout.bufferCount() - variadic - onlyV4;
            nodes[i + 1] = nodes[i] + layout.nodeCount();
            buffers[i + 1] = buffers[i] + always;
            buffersV4[i + 1] = buffersV4[i] + always + onlyV4;
            counts[i + 1] = counts[i] + variadic;
        }
    }

    /** Returns the first node of a field; of the number of fields, how many nodes there are. */
    int node(int field) {
        return nodes[field];
    }

    /** Returns the first buffer of a field where no variadic count is above 0; of the number of fields, how many. */
    int buffer(int field, int version) {
        return (version == METADATA_V4 ? buffersV4 : buffers)[field];
    }

    /** Returns the first variadic count of a field; of the number of fields, how many there are. */
    int variadicCount(int field) {
        return counts[field];
    }

    int fieldCount() {
        return nodes.length - 1;
    }
}
