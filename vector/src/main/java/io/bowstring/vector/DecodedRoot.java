package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Makes roots in which encoded columns have their values in place of indices. Not instantiable. */
final class DecodedRoot {
    private DecodedRoot() {}

    /**
     * Returns the rows of a root, decoded.
     *
     * @param root borrowed
     * @param dictionaries of all its encoded columns; borrowed
     * @param maxBytes what the decoded columns may take together, and apart from that what making them may take on the heap
     * @return owned
     */
    static VectorSchemaRoot of(VectorSchemaRoot root, BatchDictionaries dictionaries, int maxBytes) {
        List<FieldVector> columns = new ArrayList<>();
        List<Field> fields = new ArrayList<>();
        VectorGather gather = new VectorGather(maxBytes);
        try {
            for (int i = 0; i < root.getFieldVectors().size(); i++) {
                FieldVector column = root.getVector(i);
                Field field = root.getSchema().getFields().get(i);
                DictionaryEncoding encoding = field.getDictionary();
                if (encoding == null) {
                    fields.add(field);
                    columns.add(VectorCopies.retained(column, field));
                } else {
                    DictionaryValues values = dictionaries.values(encoding.getId());
                    fields.add(decoded(field, values.field()));
                    columns.add(decoded(column, values.dictionary().getVector(), fields.get(i), gather));
                }
            }
        } catch (Throwable e) {
            columns.forEach(FieldVector::close);
            throw e;
        }
        return new ReceivedRoot(new Schema(fields, root.getSchema().getCustomMetadata()), columns, root.getRowCount());
    }

    private static Field decoded(Field encoded, Field values) {
        FieldType type = new FieldType(true, values.getType(), null, encoded.getMetadata());
        return new Field(encoded.getName(), type, values.getChildren());
    }

    private static FieldVector decoded(FieldVector indices, FieldVector values, Field field, VectorGather gather) {
        int[] positions = positions(indices, values.getValueCount(), gather);
        FieldVector column = field.createVector(indices.getAllocator());
        try {
            gather.gather(values, positions, column);
            gather.free(positions);
            return column;
        } catch (Throwable e) {
            column.close();
            throw e;
        }
    }

    private static int[] positions(FieldVector indices, int size, VectorGather gather) {
        int[] positions = gather.newPositions(indices.getValueCount());
        BaseIntVector numbers = (BaseIntVector) indices;
        for (int i = 0; i < positions.length; i++) {
            long index = numbers.isNull(i) ? VectorGather.NULL : numbers.getValueAsLong(i);
            if (!numbers.isNull(i) && (index < 0 || index >= size)) { // where nobody has checked it before
                String what = "index of column " + ArrowSchema.excerpt(indices.getName()) + ", row " + i;
                String rule = "0 or more, less than " + size + ", the size of its dictionary";
                throw new IpcException(IpcErrorCode.MALFORMED, what, index, rule);
            }
            positions[i] = (int) index;
        }
        return positions;
    }
}
