package io.bowstring.text;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** The type of a column of a text file. Immutable. */
public final class ColumnType {
    private final String text;
    private final Field field;
    private final ColumnWriter writer;

    private ColumnType(String text, ColumnWriter writer) {
        this.text = text;
        this.field = TypeParser.parse(text);
        this.writer = writer;
    }

    /**
     * Returns the type that the user has given, see {@link TypeParser}: values are of it whatever they look like.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ColumnType parse(String text) {
        return new ColumnType(text, ColumnWriter.OF_ANY_KIND);
    }

    /** Returns a type that has been found out: what the file says is a number is no text, and the other way round. */
    static ColumnType guessed(String text) {
        return new ColumnType(text, ColumnWriter.OF_OWN_KIND);
    }

    /** Returns whether the user has given it. */
    boolean isGiven() {
        return writer == ColumnWriter.OF_ANY_KIND;
    }

    /** Returns a field of this type. */
    public Field field(String name) {
        return new Field(name, field.getFieldType(), field.getChildren());
    }

    /** Returns whether a column of this type can hold a value as it is. */
    boolean accepts(@Nullable TextValue value) {
        return writer.accepts(field, value);
    }

    /**
     * Writes a value.
     *
     * @param vector of this type; borrowed
     * @param value null for no value
     * @return false where this type cannot hold it; the row is then undefined
     */
    boolean write(FieldVector vector, int row, @Nullable TextValue value) {
        return writer.write(vector, row, value);
    }

    /** Returns the type as users write it. */
    @Override
    public String toString() {
        return text;
    }
}
