package io.bowstring.text;

import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.RunEndEncodedVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.jspecify.annotations.Nullable;

/**
 * Where a value stands once dictionaries, unions and runs have been followed. Immutable, but the vector is borrowed: it
 * holds this value until the next batch is read.
 *
 * @param vector a vector of plain values, lists, structs or maps
 * @param row index into it
 */
record Cell(FieldVector vector, int row) {
    /** Follows the value of a row to where it stands; null where it is null. */
    static @Nullable Cell find(FieldVector vector, int row, DictionaryProvider dictionaries) {
        FieldVector at = vector;
        int index = row;
        while (!at.isNull(index)) {
            DictionaryEncoding encoding = at.getField().getDictionary();
            if (encoding != null) {
                Dictionary dictionary = dictionaries.lookup(encoding.getId());
                if (dictionary == null) {
                    throw new TextException("dictionary " + encoding.getId() + ": missing");
                }
                index = Math.toIntExact(((BaseIntVector) at).getValueAsLong(index));
                at = dictionary.getVector();
            } else if (at instanceof DenseUnionVector union) {
                byte typeId = union.getTypeId(index);
                index = union.getOffset(index);
                at = (FieldVector) union.getVectorByType(typeId);
            } else if (at instanceof UnionVector union) {
                at = (FieldVector) union.getVector(index);
            } else if (at instanceof RunEndEncodedVector runs) {
                index = runs.getPhysicalIndex(index);
                at = runs.getValuesVector();
            } else {
                return new Cell(at, index);
            }
        }
        return null;
    }
}
