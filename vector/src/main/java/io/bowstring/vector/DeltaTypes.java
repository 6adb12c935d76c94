package io.bowstring.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.Types.MinorType;

/**
 * What arrow-java can append to: with other types its appender writes into the memory of what it appends, which here is a
 * received message's, or loses values. It computes in 32 bits, and copies without looking. Not instantiable.
 */
final class DeltaTypes {
    private DeltaTypes() {}

    /** Returns whether values of a vector's type can be appended to others of it. */
    static boolean has(FieldVector vector) {
        FieldVector values = BatchUnloader.storage(vector);
        return values instanceof BaseFixedWidthVector
                || values instanceof BaseVariableWidthVector
                || values instanceof BaseLargeVariableWidthVector
                || values instanceof BaseVariableWidthViewVector
                || (isNested(values) && values.getChildrenFromFields().stream().allMatch(DeltaTypes::has));
    }

    private static boolean isNested(FieldVector values) {
        return values instanceof StructVector
                || values instanceof FixedSizeListVector
                || values.getMinorType() == MinorType.LIST;
    }

    /**
     * Checks that no count and no buffer of both together is longer than 32 bits say.
     *
     * @throws ArithmeticException if one is
     */
    static void requireRoom(FieldVector first, FieldVector second) {
        requireInt((long) first.getValueCount() + second.getValueCount());
        List<ArrowBuf> buffers = first.getFieldBuffers();
        List<ArrowBuf> others = second.getFieldBuffers();
        for (int i = 0; i < Math.min(buffers.size(), others.size()); i++) {
            requireInt(buffers.get(i).capacity() + others.get(i).capacity());
        }
        for (int i = 0; i < first.getChildrenFromFields().size(); i++) {
            requireRoom(
                    first.getChildrenFromFields().get(i),
                    second.getChildrenFromFields().get(i));
        }
    }

    private static void requireInt(long value) {
        if (value > Integer.MAX_VALUE) {
            throw new ArithmeticException("both together: " + value + " (expected: <= " + Integer.MAX_VALUE + ")");
        }
    }
}
