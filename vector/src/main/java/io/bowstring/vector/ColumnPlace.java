package io.bowstring.vector;

import io.bowstring.codec.IpcField;
import java.util.Objects;

/**
 * The place of a field, for messages. Immutable.
 *
 * @param column the name of the top-level field and of those below, down to this one
 * @param kind what its values are counted as: rows, or values of what is nested
 * @param owner what else is to be said of where they are
 */
record ColumnPlace(String column, String kind, String owner) {
    /** Returns that of a field in record batches. */
    static ColumnPlace ofField(IpcField field) {
        return new ColumnPlace(ArrowSchema.excerpt(field.name()), "row ", "");
    }

    /** Returns that of the values of an encoded field, in dictionary batches. */
    static ColumnPlace ofValues(IpcField field) {
        long id = Objects.requireNonNull(field.dictionary()).id();
        return new ColumnPlace(ArrowSchema.excerpt(field.name()), "value ", " of dictionary " + id);
    }

    /** Returns that of a field inside this one. */
    ColumnPlace child(IpcField child) {
        return new ColumnPlace(ArrowSchema.excerpt(column + "." + child.name()), "value ", owner);
    }

    /** Returns what one of the values is called. */
    String row(long index) {
        return kind + index + owner;
    }
}
