package io.bowstring.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out what the types of columns are, those that are not given. Confined to the caller's thread. */
final class TypeInference {
    private final List<String> columns;
    private final Map<String, ColumnType> given;

    /** By column. */
    private final List<TypeGuess> guesses = new ArrayList<>();

    /**
     * Creates one for a file of which no rows have been read.
     *
     * @param columns a view of the names, which grows with the rows
     * @param given types by the names of their columns
     */
    TypeInference(List<String> columns, Map<String, ColumnType> given) {
        this.columns = columns;
        this.given = given;
    }

    /**
     * Takes the value of a column into account.
     *
     * @param value null for no value
     * @return false where no type can hold it and the values before it
     */
    boolean add(int column, @Nullable TextValue value) {
        while (guesses.size() <= column) {
            guesses.add(new TypeGuess());
        }
        ColumnType known = given.get(columns.get(column));
        return known == null ? guesses.get(column).add(value) : known.accepts(value);
    }

    /** Returns the types that a column can have, those of the value's kind where there are any, for messages to the user. */
    String describe(int column, TextValue value) {
        ColumnType known = given.get(columns.get(column));
        return known == null ? guesses.get(column).describe(value) : known.toString();
    }

    /** Returns the types of the columns: text where there is no value. */
    List<ColumnType> types() {
        List<ColumnType> types = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            ColumnType known = given.get(columns.get(i));
            boolean isMet = i < guesses.size();
            types.add(known == null ? ColumnType.guessed(isMet ? guesses.get(i).type() : "utf8") : known);
        }
        return types;
    }
}
