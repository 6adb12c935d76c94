package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.DenseUnionVector;

/**
 * What setting the row count of a root does to dense unions: arrow-java then takes each child to be as long as the number of
 * values that refer to it. A longer child would be cut, and a shorter one written to, which here is received memory. Not
 * instantiable.
 */
final class DenseUnions {
    private DenseUnions() {}

    /**
     * Checks that the children of all dense unions have a value for each that refers to them, and no others.
     *
     * @param vectors loaded ones; borrowed
     * @throws IpcException {@code UNSUPPORTED} where one does not
     */
    static void requireOneReferenceToEachValue(List<FieldVector> vectors) {
        for (FieldVector vector : vectors) {
            FieldVector stored = BatchUnloader.storage(vector);
            if (stored instanceof DenseUnionVector union) {
                requireOneReferenceToEachValue(union);
            }
            requireOneReferenceToEachValue(stored.getChildrenFromFields());
        }
    }

    private static void requireOneReferenceToEachValue(DenseUnionVector union) {
        int[] references = new int[Byte.MAX_VALUE + 1];
        for (int i = 0; i < union.getValueCount(); i++) {
            byte typeId = union.getTypeId(i);
            if (typeId >= 0) {
                references[typeId]++;
            }
        }
        for (int typeId = 0; typeId < references.length; typeId++) {
            FieldVector child = (FieldVector) union.getVectorByType((byte) typeId);
            if (child != null && child.getValueCount() != references[typeId]) {
                throw new IpcException(
                        IpcErrorCode.UNSUPPORTED,
                        "values of child " + typeId + " of dense union " + union.getName(),
                        child.getValueCount(),
                        references[typeId] + ", as many as refer to them; a BatchReader reads all");
            }
        }
    }
}
