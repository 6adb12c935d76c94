package io.bowstring.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The columns of a table as they are printed: each under a name of its own, so that each can be told. Of several columns
 * of one name those after the first are called {@code NAME#POSITION}, counted from 1 on. Immutable.
 *
 * @param all in order
 */
public record ShownColumns(List<Column> all) {
    private static final int NONE = -1;

    /**
     * One column.
     *
     * @param name that no other has
     * @param vector its index in batches; negative where arrow-java has no vectors for it, so that it is marked
     */
    public record Column(String name, int vector) {
        public boolean isReadable() {
            return vector != NONE;
        }
    }

    /** Copies the list. */
    public ShownColumns {
        all = List.copyOf(all);
    }

    /** Returns those of a table all of whose columns can be read. */
    public static ShownColumns of(Schema schema) {
        return of(schema.getFields().stream().map(Field::getName).toList(), Set.of());
    }

    /**
     * Returns those of a table.
     *
     * @param names of its fields, which need not differ
     * @param unreadable indices of the fields that batches do not have
     */
    public static ShownColumns of(List<String> names, Set<Integer> unreadable) {
        Set<String> taken = new HashSet<>(names);
        Set<String> met = new HashSet<>();
        List<Column> columns = new ArrayList<>();
        int vector = 0;
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!met.add(name)) {
                do {
                    name += "#" + (i + 1);
                } while (!taken.add(name));
            }
            columns.add(new Column(name, unreadable.contains(i) ? NONE : vector++));
        }
        return new ShownColumns(columns);
    }

    /** Returns those with the given names, in their own order. */
    public ShownColumns only(Set<String> names) {
        return new ShownColumns(
                all.stream().filter(column -> names.contains(column.name())).toList());
    }

    /** Returns those that batches have, in order. */
    public List<Column> readable() {
        return all.stream().filter(Column::isReadable).toList();
    }
}
