package io.bowstring.codec;

import java.util.List;
import java.util.Map;

/**
 * A change to {@code custom_metadata}: entries whose key begins with a prefix go, new entries come after those that
 * stay. Entries that stay are not decoded. Immutable.
 *
 * @param strippedPrefix what the keys of the entries to strip begin with; the empty prefix strips all
 * @param added entries to add, in order
 */
public record IpcMetadataEdit(String strippedPrefix, List<Map.Entry<String, String>> added) {
    /** Copies the entries. */
    public IpcMetadataEdit {
        added = added.stream().map(Map.Entry::copyOf).toList();
    }

    /** Adds the entries of a map in its order. */
    public IpcMetadataEdit(String strippedPrefix, Map<String, String> added) {
        this(strippedPrefix, List.copyOf(added.entrySet()));
    }
}
