package io.bowstring.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * How fast topics grow: adds to each table of topics what has been appended per second since the one before. A topic
 * that was not in that one has no rates yet. Confined to the caller's thread.
 */
final class TopicRates {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private Map<String, Totals> before = Map.of();

    /**
     * Returns a table with the columns {@code batches_per_second} and {@code bytes_per_second} after its own.
     *
     * @param table a reply to a list request; borrowed, and to live as long as the result
     * @param nowNanos when it came
     * @throws CommandException if the server does not count what is appended
     */
    Columns update(VectorSchemaRoot table, long nowNanos) {
        FieldVector topics = table.getVector("topic");
        BaseIntVector batches = counts(table, "appended_batches");
        BaseIntVector bytes = counts(table, "appended_bytes");
        Columns columns = new Columns(table, topics.getAllocator());
        Map<String, Totals> now = new HashMap<>();
        for (int row = 0; row < table.getRowCount(); row++) {
            String topic = topics.getObject(row).toString();
            Totals totals = new Totals(batches.getValueAsLong(row), bytes.getValueAsLong(row), nowNanos);
            columns.set(row, totals, before.get(topic));
            now.put(topic, totals);
        }
        before = now;
        return columns;
    }

    private static BaseIntVector counts(VectorSchemaRoot table, String name) {
        if (table.getVector(name) instanceof BaseIntVector counts) {
            return counts;
        }
        throw new CommandException("the server's table has no column " + name + ": it is too old for --watch");
    }

    private record Totals(long batches, long bytes, long nanos) {
        private static long perSecond(long count, long nanos) {
            return Math.round(Math.max(0, count) * NANOS_PER_SECOND / Math.max(1, nanos));
        }
    }

    /** A table with rates. Owns the columns that it adds, and must be closed before the table that it is made of. */
    static final class Columns implements AutoCloseable {
        private final BigIntVector batches;
        private final BigIntVector bytes;
        private final VectorSchemaRoot table;

        private Columns(VectorSchemaRoot source, BufferAllocator allocator) {
            this.batches = new BigIntVector("batches_per_second", allocator);
            this.bytes = new BigIntVector("bytes_per_second", allocator);
            int rowCount = source.getRowCount();
            batches.allocateNew(rowCount);
            bytes.allocateNew(rowCount);
            batches.setValueCount(rowCount);
            bytes.setValueCount(rowCount);
            int width = source.getFieldVectors().size();
            this.table = source.addVector(width, batches).addVector(width + 1, bytes);
        }

        private void set(int row, Totals now, @Nullable Totals before) {
            if (before != null) {
                long nanos = now.nanos - before.nanos;
                batches.set(row, Totals.perSecond(now.batches - before.batches, nanos));
                bytes.set(row, Totals.perSecond(now.bytes - before.bytes, nanos));
            }
        }

        /** Returns the table; borrowed. */
        VectorSchemaRoot table() {
            return table;
        }

        @Override
        public void close() {
            batches.close();
            bytes.close();
        }
    }
}
