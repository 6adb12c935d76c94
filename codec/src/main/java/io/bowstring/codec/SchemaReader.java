package io.bowstring.codec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code Schema} table into fields, within the {@link IpcLimits} for fields, depth, strings and entries.
 * Visits every field through every path that leads to it, so shared children cost the budget each time; and there cannot
 * be more fields than the metadata has room for, so a small schema cannot expand into a large tree. A loop with a stack,
 * no recursion.
 *
 * <p>That bounds the tables too: a field leads to at most 4, itself, its type, its encoding and the type of its indices,
 * and an entry is 1. With at least 12 bytes a field and 4 an entry that is less than one table a byte of metadata.
 *
 * <p>Confined to the caller's thread.
 */
final class SchemaReader {
    private static final int LITTLE_ENDIAN = 0;

    /** What a field takes at least: an offset to it, its link to a vtable, an offset to its type. */
    private static final int MIN_FIELD_BYTES = 12;

    /** What strings may be longer than the metadata, as some writers share them. */
    private static final int SHARED_STRING_BYTES = 64 << 10;

    /** A field, or at the bottom of the stack the schema, with those of its children that have been read. */
    private record Parent(int table, int childVector, int entries, List<IpcField> children) {}

    private final MetadataReader in;
    private final IpcLimits limits;
    private final StringBudget strings;
    private final StringBudget entryStrings;
    private final int maxFields;
    private final int metadataBytes;
    private final Set<Long> dictionaryIds = new HashSet<>();

    /** Positions of the {@code custom_metadata} of the schema and then of all fields, nested ones after their parent. */
    private final List<Integer> entryVectors = new ArrayList<>();

    private int fieldCount;

    /** Entries that may still come: each takes 4 bytes of metadata, unless fields share them and multiply the work. */
    private int entriesLeft;

    SchemaReader(MetadataReader in, IpcLimits limits) {
        this.in = in;
        this.metadataBytes = in.length();
        this.limits = limits;
        this.strings = new StringBudget(metadataBytes + SHARED_STRING_BYTES);
        this.entryStrings = new StringBudget(metadataBytes + SHARED_STRING_BYTES);
        this.maxFields = Math.min(limits.maxFields(), metadataBytes / MIN_FIELD_BYTES);
        this.entriesLeft = metadataBytes / Integer.BYTES;
    }

    List<IpcField> read(int schemaTable) {
        int endianness = in.int16(schemaTable, 0, LITTLE_ENDIAN);
        if (endianness != LITTLE_ENDIAN) {
            throw IpcException.unsupported("endianness", endianness, "0 (little-endian)");
        }
        in.vector(schemaTable, 3, 8); // features: any
        Deque<Parent> parents = new ArrayDeque<>();
        parents.push(newParent(schemaTable, in.vector(schemaTable, 1, 4), in.vector(schemaTable, 2, 4), 1));
        while (true) {
            Parent parent = parents.element();
            int next = parent.children.size();
            if (next < in.count(parent.childVector)) {
                int child = in.tableAt(parent.childVector, next);
                int depth = parents.size() + 1;
                parents.push(newParent(child, in.vector(child, 5, 4), in.vector(child, 6, 4), depth));
            } else {
                parents.pop();
                if (parents.isEmpty()) {
                    return parent.children;
                }
                parents.element().children.add(readField(parent));
            }
        }
    }

    /** Returns the ids of the dictionaries that the fields read so far refer to. */
    Set<Long> dictionaryIds() {
        return dictionaryIds;
    }

    /** Spends the budget for the entries of a field, and for all its children before the first of them is read. */
    private Parent newParent(int table, int childVector, int entries, int depth) {
        checkEntries(entries);
        entryVectors.add(entries);
        int count = in.count(childVector);
        if (count > 0) {
            IpcException.requireAtMost("field depth", depth, limits.maxDepth(), "maxDepth");
        }
        String limit = maxFields == limits.maxFields() ? "maxFields" : null; // else it is too short for them
        IpcException.requireAtMost("fields", (long) fieldCount + count, maxFields, limit);
        fieldCount += count;
        return new Parent(table, childVector, entries, new ArrayList<>(count));
    }

    private IpcField readField(Parent read) {
        int table = read.table;
        String name = strings.read(in, in.vector(table, 0, 1));
        boolean isNullable = in.uint8(table, 1) != 0;
        IpcTypeId id = IpcTypeId.fromUnionValue(in.uint8(table, 2));
        int typeTable = in.table(table, 3);
        if (typeTable == 0) {
            throw IpcException.malformed("type of field " + IpcMessage.excerpt(name), "absent", "a table");
        }
        Map<String, String> extension = CustomMetadata.read(in, read.entries, IpcField::isOfType, strings);
        IpcType type = IpcType.read(in, id, typeTable, read.children.size(), strings);
        return new IpcField(name, isNullable, type, readEncoding(in.table(table, 4)), read.children, extension);
    }

    private @Nullable IpcDictionaryEncoding readEncoding(int table) {
        if (table == 0) {
            return null;
        }
        IpcDictionaryEncoding encoding = IpcDictionaryEncoding.read(in, table, strings);
        dictionaryIds.add(encoding.id());
        IpcException.requireAtMost("dictionaries", dictionaryIds.size(), limits.maxDictionaries(), "maxDictionaries");
        return encoding;
    }

    /**
     * Returns the {@code custom_metadata} of the schema that has been read and then of its fields, nested ones after their
     * parent.
     *
     * @throws IpcException {@code TOO_LARGE} where entries share strings, so that they are much longer than the metadata
     */
    List<Map<String, String>> readEntries() {
        StringBudget all = new StringBudget(metadataBytes + SHARED_STRING_BYTES);
        return entryVectors.stream()
                .map(vector -> CustomMetadata.read(in, vector, key -> true, all))
                .toList();
    }

    /** Returns what copies each of these, byte for byte, since values need not be text. */
    Iterator<ToIntFunction<MetadataWriter>> entryCopies() {
        return entryVectors.stream()
                .<ToIntFunction<MetadataWriter>>map(
                        vector -> vector == 0 ? IpcField.NO_ENTRIES : out -> CustomMetadata.copy(in, vector, out))
                .iterator();
    }

    private void checkEntries(int vector) {
        int count = in.count(vector);
        if (entriesLeft < limits.maxSchemaEntries()) { // the schema is too short for as many
            IpcException.requireAtMost("custom_metadata entries", count, entriesLeft, null);
        }
        entriesLeft -= count;
        entryStrings.spend(
                CustomMetadata.check(in, vector, "Schema", limits.maxSchemaEntries(), limits.maxSchemaEntryBytes()));
    }
}
