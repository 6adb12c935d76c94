package io.bowstring.codec;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads {@code custom_metadata}, the vector of {@code KeyValue} tables that schemas, fields and messages carry. Not
 * instantiable.
 */
final class CustomMetadata {
    /** How Arrow 0.17 said that a body is compressed, before V5 had a field for it. */
    static final String COMPRESSION_OF_V4 = "ARROW:experimental_compression";

    private CustomMetadata() {}

    /**
     * Checks that the vector at {@code vector} (0: absent) and its strings are well-formed and within the limits.
     *
     * @param owner whose entries the limits are for, as it stands in their names
     * @return the bytes of all keys and values
     */
    static int check(MetadataReader in, int vector, String owner, int maxEntries, int maxBytes) {
        int count = in.count(vector);
        if (count > maxEntries) {
            throw IpcException.tooLarge("custom_metadata entries", count, maxEntries, "max" + owner + "Entries");
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += entryBytes(in, in.tableAt(vector, i));
            if (bytes > maxBytes) {
                String field = "custom_metadata bytes, most of them of key " + longest(in, vector, i);
                throw IpcException.tooLarge(field, bytes, maxBytes, "max" + owner + "EntryBytes");
            }
        }
        return (int) bytes;
    }

    private static long entryBytes(MetadataReader in, int entry) {
        int key = in.vector(entry, 0, 1);
        int value = in.vector(entry, 1, 1);
        if (key == 0 || value == 0) {
            throw IpcException.malformed("custom_metadata " + (key == 0 ? "key" : "value"), "absent", "a string");
        }
        return (long) in.count(key) + in.count(value);
    }

    /** Returns the key of the longest of the entries up to {@code last}, as much of it as a message may repeat. */
    private static String longest(MetadataReader in, int vector, int last) {
        int longest = in.tableAt(vector, 0);
        for (int i = 1; i <= last; i++) {
            int entry = in.tableAt(vector, i);
            longest = entryBytes(in, entry) > entryBytes(in, longest) ? entry : longest;
        }
        return IpcMessage.excerpt(key(in, longest));
    }

    /** Returns the entries in order; of several with one key the first counts. The vector has been checked. */
    static Map<String, String> read(MetadataReader in, int vector) {
        return read(in, vector, key -> true, new StringBudget(Integer.MAX_VALUE));
    }

    /** As above, of entries with certain keys alone: the strings of those are counted, as there may be many. */
    static Map<String, String> read(MetadataReader in, int vector, Predicate<String> isWanted, StringBudget strings) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < in.count(vector); i++) {
            int entry = in.tableAt(vector, i);
            String key = key(in, entry);
            if (isWanted.test(key)) {
                strings.spend(in.count(in.vector(entry, 0, 1)));
                entries.putIfAbsent(key, strings.read(in, in.vector(entry, 1, 1)));
            }
        }
        return entries;
    }

    static String key(MetadataReader in, int entry) {
        return in.string(in.vector(entry, 0, 1));
    }

    /** Writes a {@code KeyValue} table and returns its position. */
    static int write(MetadataWriter out, Map.Entry<String, String> entry) {
        int table = out.table(12, 4, 8);
        out.point(table + 4, out.string(entry.getKey()));
        out.point(table + 8, out.string(entry.getValue()));
        return table;
    }

    /** Writes a vector of entries and returns its position. */
    static int writeAll(MetadataWriter out, Map<String, String> entries) {
        Iterator<Map.Entry<String, String>> each = entries.entrySet().iterator();
        return out.offsets(entries.size(), i -> write(out, each.next()));
    }

    /** Writes the vector of entries at {@code vector} once more, byte for byte, and returns its position. */
    static int copy(MetadataReader in, int vector, MetadataWriter out) {
        return out.offsets(in.count(vector), i -> {
            int old = in.tableAt(vector, i);
            int table = out.table(12, 4, 8);
            out.point(table + 4, out.string(in.stringBytes(in.vector(old, 0, 1))));
            out.point(table + 8, out.string(in.stringBytes(in.vector(old, 1, 1))));
            return table;
        });
    }
}
