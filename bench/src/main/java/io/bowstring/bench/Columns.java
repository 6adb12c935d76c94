package io.bowstring.bench;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;

/** The batches of {@link Streams} as vectors, which can be filled again at once. Confined to one thread. */
public final class Columns implements AutoCloseable {
    private final VectorSchemaRoot root;
    private final ArrowRecordBatch memory;
    private final VectorLoader loader;
    private boolean isNextShorter;

    public Columns(int rows, BufferAllocator allocator) {
        List<FieldVector> vectors = new ArrayList<>();
        for (int column = 0; column < Streams.COLUMNS; column++) {
            BigIntVector vector = new BigIntVector("column" + column, allocator);
            vector.allocateNew(rows);
            for (int row = 0; row < rows; row++) {
                vector.set(row, row);
            }
            vectors.add(vector);
        }
        root = new VectorSchemaRoot(vectors);
        root.setRowCount(rows);
        memory = new VectorUnloader(root).getRecordBatch();
        loader = new VectorLoader(root);
    }

    /** Returns the vectors, filled; borrowed. */
    public VectorSchemaRoot filled() {
        loader.load(memory);
        return root;
    }

    /** Returns the vectors, filled, but every other time without the last row; borrowed. */
    public VectorSchemaRoot next() {
        loader.load(memory);
        if (isNextShorter) {
            root.setRowCount(root.getRowCount() - 1);
        }
        isNextShorter = !isNextShorter;
        return root;
    }

    @Override
    public void close() {
        memory.close();
        root.close();
    }
}
