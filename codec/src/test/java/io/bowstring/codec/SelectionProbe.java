package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Cuts a decoded stream to some of its fields and compares what is left with what was there. Not instantiable. */
final class SelectionProbe {
    private SelectionProbe() {}

    /** What a batch has of one field. */
    record Column(List<List<Long>> nodes, List<List<Byte>> buffers, List<Long> variadicCounts) {}

    /**
     * Selects from the first stream of a probe, which keeps its messages, and checks that a decoder that verifies the
     * structure accepts the result and that it has of the selected fields what was there.
     */
    static void assertSelects(DecoderProbe whole, List<Integer> indices) {
        IpcSchema schema = whole.message(0, IpcSchema.class);
        IpcSelection selection = IpcSelection.of(schema, indices);
        try (DecoderProbe cut = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE)) {
            List<IpcMessage> taken = select(whole, selection);
            for (IpcMessage message : taken) {
                cut.channel.writeInbound(message.frame()); // which is consumed with the message
            }
            assertThat(cut.errors).isEmpty();
            assertThat(cut.messages).hasSameSizeAs(taken);
            assertThat(cut.message(0, IpcSchema.class).fields())
                    .isEqualTo(selection.fields())
                    .isEqualTo(indices.stream().map(schema.fields()::get).toList());
            assertThat(cut.message(0, IpcSchema.class).dictionaryIds()).isEqualTo(selection.dictionaryIds());
            assertThat(features(cut.message(0, IpcSchema.class))).isEqualTo(features(schema));
            assertThat(cut.message(0, IpcSchema.class).schemaMetadata()).isEqualTo(schema.schemaMetadata());
            assertSameBatches(schema.fields(), batches(whole), selection, batches(cut));
        }
    }

    private static List<Long> features(IpcSchema schema) {
        MetadataReader in = schema.bytes().reader();
        int vector = in.vector(schema.bytes().header().table(), 3, Long.BYTES);
        return IntStream.range(0, in.count(vector))
                .mapToObj(i -> in.int64At(vector, i))
                .toList();
    }

    /** Returns schema, dictionaries and batches, owned, as a subscriber gets them. */
    private static List<IpcMessage> select(DecoderProbe whole, IpcSelection selection) {
        List<IpcMessage> selected = new ArrayList<>();
        for (IpcMessage message : whole.messages) {
            if (message instanceof IpcSchema schema) {
                selected.add(selection.select(schema.retain(), UnpooledByteBufAllocator.DEFAULT));
            } else if (message instanceof IpcRecordBatch batch) {
                selected.add(selection.select(batch.retain(), UnpooledByteBufAllocator.DEFAULT));
            } else if (message instanceof IpcDictionaryBatch batch
                    && selection.dictionaryIds().contains(batch.id())) {
                selected.add(batch.retain());
            } else if (message instanceof IpcEndOfStream) {
                return selected;
            }
        }
        return selected;
    }

    /** Selects from the one batch of a probe; owned. */
    static IpcRecordBatch select(DecoderProbe probe, Integer... indices) {
        return IpcSelection.of(probe.message(0, IpcSchema.class), List.of(indices))
                .select(probe.message(1, IpcRecordBatch.class).retain(), UnpooledByteBufAllocator.DEFAULT);
    }

    private static List<IpcRecordBatch> batches(DecoderProbe probe) {
        return probe.messages.stream()
                .filter(IpcRecordBatch.class::isInstance)
                .map(IpcRecordBatch.class::cast)
                .toList();
    }

    private static void assertSameBatches(
            List<IpcField> all, List<IpcRecordBatch> batches, IpcSelection selection, List<IpcRecordBatch> cut) {
        for (int i = 0; i < batches.size(); i++) {
            IpcRecordBatch batch = batches.get(i);
            List<Column> columns = columns(all, batch);
            List<Column> expected = selection.fields().stream()
                    .map(all::indexOf)
                    .map(columns::get)
                    .toList();
            assertThat(cut.get(i).rowCount()).isEqualTo(batch.rowCount());
            assertThat(cut.get(i).customMetadata()).isEqualTo(batch.customMetadata());
            MetadataReader in = cut.get(i).bytes().reader();
            assertThat(in.int16(in.root(), 0, 0))
                    .isEqualTo(batch.bytes().header().version());
            assertThat(cut.get(i).body().readableBytes())
                    .isLessThanOrEqualTo(batch.body().readableBytes() + 7);
            assertThat(columns(selection.fields(), cut.get(i))).isEqualTo(expected);
        }
    }

    /** Reads a batch, field by field; nodes as pairs, buffers by their bytes as they are. */
    static List<Column> columns(List<IpcField> fields, IpcRecordBatch batch) {
        Frame frame = batch.bytes();
        MetadataReader in = frame.reader();
        int nodes = in.vector(frame.header().table(), 1, 16);
        int ranges = in.vector(frame.header().table(), 2, 16);
        int counts = in.vector(frame.header().table(), 4, 8);
        List<Column> columns = new ArrayList<>();
        int node = 0;
        int buffer = 0;
        int count = 0;
        for (IpcField field : fields) {
            BatchLayout layout = BatchLayout.ofFields(List.of(field));
            Column column = new Column(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (int i = 0; i < layout.nodes().length; i++, node++) {
                column.nodes.add(List.of(in.int64At(nodes, 2 * node), in.int64At(nodes, 2 * node + 1)));
            }
            for (BatchLayout.Buffer layoutBuffer : layout.buffers()) {
                long buffers = layoutBuffer.rule() == BatchLayout.Rule.VALIDITY_V4
                                && frame.header().version() != BatchBytes.V4
                        ? 0
                        : 1;
                if (layoutBuffer.rule() == BatchLayout.Rule.VARIADIC) {
                    buffers = in.int64At(counts, count++);
                    column.variadicCounts.add(buffers);
                }
                for (int end = buffer + (int) buffers; buffer < end; buffer++) {
                    ByteBuf bytes = batch.body()
                            .slice((int) in.int64At(ranges, 2 * buffer), (int) in.int64At(ranges, 2 * buffer + 1));
                    column.buffers.add(list(ByteBufUtil.getBytes(bytes)));
                }
            }
            columns.add(column);
        }
        return columns;
    }

    private static List<Byte> list(byte[] bytes) {
        List<Byte> list = new ArrayList<>();
        for (byte one : bytes) {
            list.add(one);
        }
        return list;
    }

    /** Returns a whole stream of some fields and one batch. */
    static DecoderProbe decode(IpcVerification level, List<IpcField> fields, byte[] batch) {
        IpcSchema schema = IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(schema.frame());
        schema.release();
        return new DecoderProbe(IpcLimits.DEFAULTS, level).feed(bytes, batch);
    }

    /** Returns a stream of so many fields and one batch, in which each of them has 128 bytes that are not zero. */
    static DecoderProbe decodeLarge(int fieldCount) {
        BatchBytes batch = new BatchBytes(16);
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < fieldCount; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
            batch.node(16, 0)
                    .buffer(new byte[0])
                    .buffer(Collections.nCopies(32, i + 1).stream()
                            .map(IntColumns::ints)
                            .reduce(new byte[0], Wire::concat));
        }
        return decode(IpcVerification.STRUCTURE, fields, batch.message());
    }
}
