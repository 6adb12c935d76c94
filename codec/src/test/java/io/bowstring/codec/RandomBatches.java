package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.required;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Record batches of one random schema, which differ in their lengths and in what they leave out, and are valid. Confined to the
 * test's thread.
 */
final class RandomBatches {
    private static final IpcField INT32 = field(IpcType.INT32);
    private static final IpcField REQUIRED = required(IpcType.INT32);
    private static final IpcField ENTRIES = required(IpcType.of(IpcTypeId.STRUCT), REQUIRED, INT32);
    private static final List<IpcField> FIELDS = List.of(
            field(IpcType.INT64),
            field(IpcType.BOOL),
            field(IpcType.of(IpcTypeId.NULL)),
            field(IpcType.of(IpcTypeId.UTF8)),
            field(IpcType.of(IpcTypeId.LARGE_BINARY)),
            field(IpcType.of(IpcTypeId.UTF8_VIEW)),
            field(IpcType.of(IpcTypeId.LIST), INT32),
            field(IpcType.of(IpcTypeId.STRUCT), INT32, field(IpcType.of(IpcTypeId.UTF8))),
            field(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 3), INT32),
            field(IpcType.of(IpcTypeId.UNION, 0, 0), INT32),
            field(IpcType.of(IpcTypeId.UNION, 1, 0), INT32),
            field(IpcType.of(IpcTypeId.RUN_END_ENCODED), REQUIRED, INT32),
            field(IpcType.of(IpcTypeId.MAP, 0), ENTRIES));

    private final Random random;
    private final List<IpcField> fields = new ArrayList<>();
    private final BatchLayout layout;
    private final boolean isV4;
    private final long[] variadicCounts;
    private final int entries;

    RandomBatches(Random random) {
        this.random = random;
        for (int i = random.nextInt(6); i >= 0; i--) {
            fields.add(FIELDS.get(random.nextInt(FIELDS.size())));
        }
        layout = BatchLayout.ofFields(fields);
        isV4 = random.nextInt(4) == 0;
        variadicCounts = random.longs(32, 0, 3).toArray();
        entries = random.nextInt(4);
    }

    IpcField[] fields() {
        return fields.toArray(IpcField[]::new);
    }

    /** Returns the next batch. */
    byte[] next() {
        int rows = random.nextInt(4) * random.nextInt(20);
        BatchBytes batch = new BatchBytes(rows).version(isV4 ? BatchBytes.V4 : BatchBytes.V5);
        BatchLayout.Node[] nodes = layout.nodes();
        long[] lengths = new long[nodes.length];
        long[] nullCounts = new long[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            boolean isColumn = nodes[i].parent() < 0;
            lengths[i] = isColumn ? rows : nodes[i].minLength(lengths[nodes[i].parent()]) + random.nextInt(3);
            nullCounts[i] = nodes[i].isNullFree() || random.nextBoolean() ? 0 : random.nextLong(lengths[i] + 1);
            batch.node(lengths[i], nullCounts[i]);
        }
        for (BatchLayout.Buffer buffer : layout.buffers(isV4, variadicCounts)) {
            long bytes = buffer.minBytes(lengths[buffer.node()]) + random.nextInt(3) * random.nextInt(9);
            boolean mayOmit = buffer.isValidity() && nullCounts[buffer.node()] == 0
                    || buffer.rule() == BatchLayout.Rule.OFFSETS && lengths[buffer.node()] == 0;
            batch.buffers(mayOmit && random.nextBoolean() ? 0 : (int) bytes);
        }
        int variadic = 0;
        for (BatchLayout.Buffer buffer : layout.buffers()) {
            if (buffer.rule() == BatchLayout.Rule.VARIADIC) {
                batch.variadic(variadicCounts[variadic++]);
            }
        }
        return entries == 0 ? batch.message() : withEntries(batch.message());
    }

    /** Returns a batch with entries in the metadata of the message, whose values are as long as those of the others. */
    private byte[] withEntries(byte[] message) {
        Map<String, String> added = new LinkedHashMap<>();
        for (int i = 0; i < entries; i++) {
            added.put("key" + i, String.valueOf(100_000 + random.nextInt(900_000)));
        }
        Frame frame = Wire.frame(Unpooled.copiedBuffer(message));
        IpcRecordBatch edited = new IpcRecordBatch(frame, frame.reader())
                .edited(new IpcMetadataEdit("", added), UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(edited.frame());
        edited.release();
        return bytes;
    }
}
