package io.bowstring.client;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Batches of one column {@code n} of int64. */
final class Numbers {
    static final Schema SCHEMA = new Schema(List.of(Field.notNullable("n", new ArrowType.Int(64, true))));

    private Numbers() {}

    /** Returns a batch of {@code rows} numbers from {@code first} on, owned. */
    static VectorSchemaRoot batch(long first, int rows, BufferAllocator allocator) {
        VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, allocator);
        fill(root, first, rows);
        return root;
    }

    static void fill(VectorSchemaRoot root, long first, int rows) {
        BigIntVector numbers = (BigIntVector) root.getVector("n");
        numbers.allocateNew(rows);
        for (int i = 0; i < rows; i++) {
            numbers.set(i, first + i);
        }
        root.setRowCount(rows);
    }

    /** Returns the first number of a batch, borrowed. */
    static long first(ReceivedBatch batch) {
        return ((BigIntVector) batch.root().getVector("n")).get(0);
    }
}
