package io.bowstring.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A field of a schema. Immutable.
 *
 * @param name its name; may be empty, need not be unique
 * @param isNullable whether values may be null
 * @param type the type of its values; for a dictionary-encoded field the type of the dictionary's values
 * @param dictionary the dictionary that its values are encoded with, or null
 * @param children the fields that the type is built from
 * @param extension what its metadata says of the type: {@code ARROW:extension:name}, {@code
 *     ARROW:extension:metadata} and what begins with {@code _PL_}, so that two fields which are stored alike may still be
 *     of different types
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Schema.fbs">Schema.fbs</a>
 */
public record IpcField(
        String name,
        boolean isNullable,
        IpcType type,
        @Nullable IpcDictionaryEncoding dictionary,
        List<IpcField> children,
        Map<String, String> extension) {
    /** Of a field that has no {@code custom_metadata}. */
    static final ToIntFunction<MetadataWriter> NO_ENTRIES = out -> 0;

    private static final String ARROW_NAME = "ARROW:extension:name";
    private static final String ARROW_METADATA = "ARROW:extension:metadata";
    private static final String POLARS_PREFIX = "_PL_";

    /** Copies the children and the entries. */
    public IpcField {
        children = List.copyOf(children);
        extension = Map.copyOf(extension);
    }

    /** Creates a field of a type that is no extension of another. */
    public IpcField(
            String name,
            boolean isNullable,
            IpcType type,
            @Nullable IpcDictionaryEncoding dictionary,
            List<IpcField> children) {
        this(name, isNullable, type, dictionary, children, Map.of());
    }

    /** Returns whether an entry in a field's metadata says what its type is; all others say something else of it. */
    static boolean isOfType(String key) {
        return key.equals(ARROW_NAME) || key.equals(ARROW_METADATA) || key.startsWith(POLARS_PREFIX);
    }

    /**
     * Returns how many bits a value takes.
     *
     * @throws IpcException {@code MALFORMED} where the type's parameters cannot be
     * @throws IllegalArgumentException where values of the type have no fixed width
     */
    public int valueBits() {
        return TypeRules.valueBits(this);
    }

    /**
     * Returns this field with an extension type, as which readers that know it take the values.
     *
     * @param extensionName {@code arrow.uuid} for example
     * @param extensionMetadata what the type says of itself; may be empty
     */
    public IpcField withExtension(String extensionName, String extensionMetadata) {
        Map<String, String> entries = new HashMap<>(extension);
        entries.put(ARROW_NAME, extensionName);
        entries.put(ARROW_METADATA, extensionMetadata);
        return new IpcField(name, isNullable, type, dictionary, children, entries);
    }

    /** Returns a field without dictionary and children. */
    public static IpcField of(String name, boolean isNullable, IpcType type) {
        return new IpcField(name, isNullable, type, null, List.of());
    }

    /** Returns fields and all that are nested in them, each list of children after the one that its field is in. */
    public static List<IpcField> withNested(List<IpcField> fields) {
        List<IpcField> all = new ArrayList<>(fields);
        for (int i = 0; i < all.size(); i++) { // which grows
            all.addAll(all.get(i).children());
        }
        return all;
    }

    /**
     * Writes the {@code Field} table and returns its position.
     *
     * @param copies what writes the {@code custom_metadata} of this field and then of those in it; where that is {@link
     *     #NO_ENTRIES}, what this field knows of its type is written
     */
    private int write(MetadataWriter out, Iterator<ToIntFunction<MetadataWriter>> copies) {
        ToIntFunction<MetadataWriter> copy = copies.next();
        ToIntFunction<MetadataWriter> entries =
                copy.equals(NO_ENTRIES) && !extension.isEmpty() ? to -> CustomMetadata.writeAll(to, extension) : copy;
        int table = entries.equals(NO_ENTRIES)
                ? out.table(24, 8, 4, 5, 12, dictionary == null ? 0 : 16, 20)
                : out.table(28, 8, 4, 5, 12, dictionary == null ? 0 : 16, 20, 24);
        out.uint8(table + 4, isNullable ? 1 : 0);
        out.uint8(table + 5, type.id().unionValue());
        out.point(table + 8, out.string(name));
        out.point(table + 12, type.write(out));
        if (dictionary != null) {
            out.point(table + 16, dictionary.write(out));
        }
        out.point(table + 20, writeAll(children, copies, out));
        if (!entries.equals(NO_ENTRIES)) {
            out.point(table + 24, entries.applyAsInt(out));
        }
        return table;
    }

    /**
     * Writes fields; returns the position of the vector.
     *
     * @param copies for each field, nested ones after their parent, what writes its {@code custom_metadata} and returns the
     *     position of that, or {@link #NO_ENTRIES}
     */
    static int writeAll(List<IpcField> fields, Iterator<ToIntFunction<MetadataWriter>> copies, MetadataWriter out) {
        return out.offsets(fields.size(), i -> fields.get(i).write(out, copies));
    }

    /** Returns the field as people write it, {@code px: float64 not null} for example. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name).append(": ");
        if (dictionary != null) {
            text.append("dictionary<").append(dictionary.indexType()).append(", ");
        }
        text.append(type);
        if (!children.isEmpty()) {
            text.append(children.stream().map(IpcField::toString).collect(Collectors.joining(", ", "<", ">")));
        }
        if (dictionary != null) {
            text.append(dictionary.isOrdered() ? ", ordered>" : ">");
        }
        return text.append(isNullable ? "" : " not null").toString();
    }
}
