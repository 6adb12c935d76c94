package io.bowstring.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out what the types of columns are: each value leaves those that can hold it. Confined to the caller's thread. */
final class TypeInference {
    private static final Set<ColumnType> ALL = EnumSet.allOf(ColumnType.class);

    private final List<String> columns;
    private final Map<String, ColumnType> given;

    /** By column. */
    private final List<Set<ColumnType>> candidates = new ArrayList<>();

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
     * @param literal null for no value
     * @return false where no type can hold it and the values before it
     */
    boolean add(int column, @Nullable Literal literal) {
        while (candidates.size() <= column) {
            ColumnType known = given.get(columns.get(candidates.size()));
            candidates.add(known == null ? EnumSet.copyOf(ALL) : EnumSet.of(known));
        }
        if (literal == null) {
            return true;
        }
        Set<ColumnType> present = candidates.get(column);
        if (present.stream().noneMatch(type -> type.accepts(literal))) {
            return false;
        }
        present.removeIf(type -> !type.accepts(literal));
        return true;
    }

    /** Returns the types that a column can have, those of the literal's kind where there are any, for messages to the user. */
    String describe(int column, Literal literal) {
        Set<ColumnType> present = candidates.get(column);
        boolean isOfKind = present.stream().anyMatch(type -> type.isOf(literal.kind()));
        return present.stream()
                .filter(type -> type.isOf(literal.kind()) || !isOfKind)
                .map(ColumnType::toString)
                .collect(Collectors.joining(" or "));
    }

    /** Returns the types of the columns: text where there is no value. */
    List<ColumnType> types() {
        return candidates.stream()
                .map(types ->
                        types.equals(ALL) ? ColumnType.UTF8 : types.iterator().next())
                .toList();
    }
}
