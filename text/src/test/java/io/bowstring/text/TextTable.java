package io.bowstring.text;

import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.VectorBatch;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;

/**
 * What a text file becomes.
 *
 * @param fields with their types
 * @param batches the rows of each batch, each as JSON
 */
record TextTable(String fields, List<List<String>> batches) {
    static TextTable read(TextFormat format, int batchRows, String text) {
        return read(format, batchRows, text.getBytes(StandardCharsets.UTF_8));
    }

    static TextTable read(TextFormat format, int batchRows, byte[] bytes) {
        return read(new RowConfig(format, batchRows, Map.of()), bytes);
    }

    static TextTable read(RowConfig config, byte[] bytes) {
        List<List<String>> batches = new ArrayList<>();
        try (RowSource source = RowSource.open("file", new ByteArrayInputStream(bytes), config);
                RootAllocator allocator =
                        new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
                BatchReader reader = new BatchReader(allocator)) {
            reader.read(source.schema().retain());
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                try (VectorBatch batch = reader.read(message)) {
                    batches.add(json(batch));
                }
            }
            return new TextTable(source.schema().fields().toString(), batches);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> json(VectorBatch batch) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new JsonPrinter(out, ShownColumns.of(batch.root().getSchema()))
                .print(batch.root(), batch.dictionaries(), batch.rowCount());
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** Returns the rows of all batches. */
    List<String> rows() {
        return batches.stream().flatMap(List::stream).toList();
    }
}
