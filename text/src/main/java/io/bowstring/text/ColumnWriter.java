package io.bowstring.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Writes values of text files to vectors: the type says how they are read. What is nested in CSV is JSON. Recursion is as
 * deep as types are. Immutable.
 */
final class ColumnWriter {
    /** Takes a value as what the type says, whatever the file says that it is. */
    static final ColumnWriter OF_ANY_KIND = new ColumnWriter(false);
    /** Takes no text for a number, and no number for a text. */
    static final ColumnWriter OF_OWN_KIND = new ColumnWriter(true);

    private final boolean comparesKinds;

    private ColumnWriter(boolean comparesKinds) {
        this.comparesKinds = comparesKinds;
    }

    /** Returns whether a field can hold a value as it is; null for no value. */
    boolean accepts(Field field, @Nullable TextValue present) {
        TextValue value = effective(field, present);
        if (value == null) {
            return present == null ? field.isNullable() : isBlank(field, present) && field.isNullable();
        }
        List<Field> children = field.getChildren();
        if (children.isEmpty() && !(field.getType() instanceof ArrowType.Struct)) {
            return scalar(field, value) != null;
        }
        List<@Nullable TextValue> elements = elements(field, value);
        if (elements != null) {
            return elements.stream().allMatch(element -> accepts(children.get(0), element));
        }
        Map<String, @Nullable TextValue> members = members(field, value);
        return members != null && children.stream().allMatch(child -> accepts(child, members.get(child.getName())));
    }

    /**
     * Writes a value.
     *
     * @param vector borrowed
     * @param present null for no value
     * @return false where the vector cannot hold it
     */
    boolean write(FieldVector vector, int row, @Nullable TextValue present) {
        Field field = vector.getField();
        TextValue value = effective(field, present);
        if (value == null) {
            boolean isNull = field.isNullable() && (present == null || isBlank(field, present));
            if (isNull) {
                vector.setNull(row);
            }
            return isNull;
        }
        List<@Nullable TextValue> elements = elements(field, value);
        if (elements != null) {
            return writeElements(vector, row, elements);
        }
        if (vector instanceof StructVector struct) {
            return writeMembers(struct, row, members(field, value));
        }
        Object scalar = scalar(field, value);
        if (scalar != null) {
            ScalarText.set(vector, row, scalar);
        }
        return scalar != null;
    }

    /** Returns the value that is meant; null where there is none, or it is none of a nested type. */
    private static @Nullable TextValue effective(Field field, @Nullable TextValue value) {
        if (value == null || isBlank(field, value)) {
            return null;
        }
        boolean isField = value instanceof Literal literal && literal.kind() == Literal.Kind.FIELD;
        return isField && field.getType().isComplex() ? JsonText.parse(value.text()) : value;
    }

    /** {@code ""} of a CSV file: an empty text, but in a column of another type no value. */
    private static boolean isBlank(Field field, TextValue value) {
        return value instanceof Literal literal && literal.isBlank() && !ScalarText.hasEmptyText(field.getType());
    }

    private @Nullable Object scalar(Field field, TextValue value) {
        if (value instanceof Literal literal) {
            boolean isOfKind = !comparesKinds || literal.canBe(field.getType());
            return isOfKind ? ScalarText.parse(field.getType(), literal.text()) : null;
        }
        return !comparesKinds && ScalarText.isText(field.getType())
                ? value.text().getBytes(StandardCharsets.UTF_8)
                : null;
    }

    /** Returns the elements of a list or map; null where the field is neither, or the value is none. */
    private static @Nullable List<@Nullable TextValue> elements(Field field, TextValue value) {
        return switch (field.getType().getTypeID()) {
            case List, LargeList -> value instanceof TextValue.Elements list ? list.values() : null;
            case FixedSizeList -> {
                int size = ((ArrowType.FixedSizeList) field.getType()).getListSize();
                yield value instanceof TextValue.Elements list && list.values().size() == size ? list.values() : null;
            }
            case Map ->
                value instanceof TextValue.Entries map
                        ? entries(map)
                        : value instanceof TextValue.Elements list ? list.values() : null;
            default -> null;
        };
    }

    /** Returns the entries of an object as they stand in an array. */
    private static List<@Nullable TextValue> entries(TextValue.Entries map) {
        List<@Nullable TextValue> entries = new ArrayList<>();
        map.values().forEach((key, value) -> {
            Map<String, @Nullable TextValue> entry = new LinkedHashMap<>();
            entry.put(MapVector.KEY_NAME, new Literal(Literal.Kind.STRING, key));
            entry.put(MapVector.VALUE_NAME, value);
            entries.add(new TextValue.Entries(entry));
        });
        return entries;
    }

    /** Returns the members of a struct; null where the field is none, or the value has others. */
    private static @Nullable Map<String, @Nullable TextValue> members(Field field, TextValue value) {
        if (!(field.getType() instanceof ArrowType.Struct) || !(value instanceof TextValue.Entries entries)) {
            return null;
        }
        List<String> names = field.getChildren().stream().map(Field::getName).toList();
        return names.containsAll(entries.values().keySet()) ? entries.values() : null;
    }

    private boolean writeElements(FieldVector vector, int row, List<@Nullable TextValue> elements) {
        int start;
        if (vector instanceof FixedSizeListVector list) {
            start = list.startNewValue(row);
        } else if (vector instanceof LargeListVector list) {
            start = Math.toIntExact(list.startNewValue(row));
        } else {
            start = ((ListVector) vector).startNewValue(row);
        }
        FieldVector data = vector.getChildrenFromFields().get(0);
        for (int i = 0; i < elements.size(); i++) {
            if (!write(data, start + i, elements.get(i))) {
                return false;
            }
        }
        if (vector instanceof LargeListVector list) {
            list.endValue(row, elements.size());
        } else if (vector instanceof ListVector list) {
            list.endValue(row, elements.size());
        }
        return true;
    }

    private boolean writeMembers(StructVector struct, int row, @Nullable Map<String, @Nullable TextValue> members) {
        if (members == null) {
            return false;
        }
        struct.setIndexDefined(row);
        for (FieldVector child : struct.getChildrenFromFields()) {
            if (!write(child, row, members.get(child.getName()))) {
                return false;
            }
        }
        return true;
    }
}
