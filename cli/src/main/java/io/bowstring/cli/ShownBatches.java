package io.bowstring.cli;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.text.ShownColumns;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.VectorBatch;
import io.bowstring.vector.VectorConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes vectors of those columns of a stream that arrow-java has vectors for; one that it does not have hides no other.
 * Owns a reader. Confined to the caller's thread.
 */
final class ShownBatches implements AutoCloseable {
    private static final int MAX_WARNINGS = 5;

    private final BatchReader reader;
    private final ShownColumns columns;
    private final List<String> warnings = new ArrayList<>();

    /**
     * Begins a stream.
     *
     * @param schema consumed
     * @param allocator of the vectors; borrowed until this and all batches are closed
     * @throws IpcException where the schema is wrong
     */
    ShownBatches(IpcSchema schema, BufferAllocator allocator) {
        Map<Integer, IpcException> unreadable;
        try {
            unreadable = BatchReader.unreadableFields(schema, allocator);
        } catch (Throwable e) {
            schema.release();
            throw e;
        }
        List<String> names = schema.fields().stream().map(IpcField::name).toList();
        this.columns = ShownColumns.of(names, unreadable.keySet());
        unreadable.forEach((index, reason) ->
                warnings.add("column " + columns.all().get(index).name() + " cannot be shown: " + reason.getMessage()));
        List<Integer> readable = IntStream.range(0, names.size())
                .filter(i -> !unreadable.containsKey(i))
                .boxed()
                .toList();
        this.reader = new BatchReader(allocator, VectorConfig.DEFAULTS, whole -> IpcSelection.of(whole, readable));
        reader.read(schema);
    }

    /** Returns all columns, also those that batches do not have. */
    ShownColumns columns() {
        return columns;
    }

    /** Returns the schema of the batches. */
    Schema schema() {
        return reader.schema();
    }

    /** Returns what to tell the user of columns that cannot be shown, a line for each and not too many. */
    List<String> warnings() {
        if (warnings.size() <= MAX_WARNINGS) {
            return warnings;
        }
        List<String> some = new ArrayList<>(warnings.subList(0, MAX_WARNINGS));
        some.add(warnings.size() - MAX_WARNINGS + " more columns cannot be shown");
        return some;
    }

    /**
     * Takes the next message after the schema.
     *
     * @param message consumed
     * @return a batch, owned; null where the message is none
     * @throws IpcException where the message is wrong
     */
    @Nullable
    VectorBatch read(IpcMessage message) {
        return reader.read(message);
    }

    @Override
    public void close() {
        reader.close();
    }
}
