package io.bowstring.vector;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The vectors of a received batch, whose number of rows is fixed. A program that fills them with other rows fails when it says how
 * many there are. Before that it cannot fail: Arrow does not tell a write to a vector from a read. Confined to one thread at a time.
 */
final class ReceivedRoot extends VectorSchemaRoot {
    /** Takes over the vectors. */
    ReceivedRoot(Schema schema, List<FieldVector> vectors, int rowCount) {
        super(schema, vectors, rowCount);
    }

    @Override
    public void allocateNew() {
        throw readOnly();
    }

    @Override
    public void setRowCount(int rowCount) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException(
                "root: of a received batch, which others may have too (expected: vectors of your own)");
    }
}
