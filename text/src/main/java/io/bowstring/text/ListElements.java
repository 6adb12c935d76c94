package io.bowstring.text;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.LargeListViewVector;

/**
 * Where the elements of one list stand. Immutable, but the vector is borrowed.
 *
 * @param vector of the elements of all lists
 * @param start index of the first
 * @param end index after the last
 */
record ListElements(FieldVector vector, int start, int end) {
    /** Finds the elements of a list, a map or a list view of any width; it must not be null. */
    static ListElements of(FieldVector lists, int row) {
        FieldVector vector = lists.getChildrenFromFields().get(0);
        if (lists instanceof LargeListVector large) {
            return of(vector, large.getElementStartIndex(row), large.getElementEndIndex(row));
        }
        if (lists instanceof LargeListViewVector large) {
            long start = large.getOffsetBuffer().getLong((long) row * Long.BYTES);
            long count = large.getSizeBuffer().getLong((long) row * Long.BYTES);
            return of(vector, start, start + count);
        }
        BaseListVector list = (BaseListVector) lists;
        return of(vector, list.getElementStartIndex(row), list.getElementEndIndex(row));
    }

    private static ListElements of(FieldVector vector, long start, long end) {
        return new ListElements(vector, Math.toIntExact(start), Math.toIntExact(end));
    }
}
