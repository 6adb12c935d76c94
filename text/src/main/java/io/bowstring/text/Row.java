package io.bowstring.text;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of a text file. Immutable.
 *
 * @param line where it begins, from 1 on
 * @param values by column, null for no value; none for those at the end that it does not have
 */
record Row(long line, List<@Nullable TextValue> values) {
    /** What a value costs besides its text, about. */
    private static final int VALUE_CHARS = 8;

    /** Returns the value of a column; null where there is none. */
    @Nullable
    TextValue value(int column) {
        return column < values.size() ? values.get(column) : null;
    }

    /** Returns how long it is, about. */
    long chars() {
        return chars(values);
    }

    /** Returns how long some values are, about. */
    static long chars(Collection<? extends @Nullable TextValue> values) {
        long chars = 0;
        for (TextValue value : values) {
            chars += VALUE_CHARS + (value == null ? 0 : value.chars());
        }
        return chars;
    }
}
