package io.bowstring.vector;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Says which columns of a stream are read. It is asked at each schema, by the thread of the reader; the others are then neither
 * loaded nor decompressed nor checked, and dictionaries that they alone refer to are skipped.
 *
 * <p>{@code schema -> IpcSelection.of(schema, List.of(0, 2))} selects by position.
 */
@FunctionalInterface
public interface ColumnSelection {
    /**
     * Selects the columns of one stream.
     *
     * @param schema of the stream; borrowed
     * @return the columns in the order in which vectors are to have them
     * @throws IllegalArgumentException where the schema does not have what is wanted
     */
    IpcSelection select(IpcSchema schema);

    /**
     * Returns the selection of columns by their names. It throws IllegalArgumentException where a schema does not have a
     * name, or has it twice.
     *
     * @param names in the wanted order
     */
    static ColumnSelection named(String... names) {
        List<String> wanted = List.of(names);
        return schema -> IpcSelection.of(
                schema, wanted.stream().map(name -> index(schema, name)).toList());
    }

    private static int index(IpcSchema schema, String name) {
        List<IpcField> fields = schema.fields();
        List<Integer> found = IntStream.range(0, fields.size())
                .filter(i -> fields.get(i).name().equals(name))
                .boxed()
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    "column " + ArrowSchema.excerpt(name) + ": " + found.size() + " in the schema (expected: 1)");
        }
        return found.get(0);
    }
}
