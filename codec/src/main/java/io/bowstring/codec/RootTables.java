package io.bowstring.codec;

import static io.bowstring.codec.MetadataWriter.older;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Re-rooting: gives a message new {@code custom_metadata}, a new dictionary id or fewer fields by writing a new root
 * before its metadata. The old bytes stay as they are, and the new tables point forward into them, so that nothing is
 * decoded and types that this codec does not know survive.
 *
 * <pre>
 *   │ root │ Message │ (Schema or DictionaryBatch) │ custom_metadata │ the old metadata, unchanged │
 *               └────────── header ──────────────────────────────────────────▲
 * </pre>
 *
 * <p>All that is read here has been read once when the message was decoded, so nothing here can find it malformed.
 * Confined to the caller's thread.
 */
final class RootTables {
    private static final int EXPECTED_BYTES = 256;

    private final Frame frame;
    private final MetadataReader old;
    private final MetadataWriter out;

    private RootTables(Frame frame) {
        MessageHeader header = frame.header();
        this.frame = frame;
        this.old = frame.reader();
        this.out = new MetadataWriter(header.kind(), header.version(), frame.bodyBytes(), true, EXPECTED_BYTES);
    }

    /**
     * Writes new root tables as {@code edit} does; consumes the frame's reference, whatever is thrown, and returns an owned
     * frame.
     */
    static Frame prepend(Frame frame, Consumer<RootTables> edit, ByteBufAllocator allocator) {
        return rooted(frame, edit, root -> frame.prepend(root, allocator));
    }

    /** Changes a message's own entries, by re-rooting; consumes the frame's reference, and returns an owned frame. */
    static Frame edited(Frame frame, IpcMetadataEdit edit, ByteBufAllocator allocator) {
        return prepend(frame, root -> root.editMessage(edit), allocator);
    }

    /** Changes a message's own entries as {@link #edited} does, but as {@link Frame#prependApart} does it. */
    static Frame editedApart(Frame frame, IpcMetadataEdit edit, Runnable onFree, ByteBufAllocator allocator) {
        return rooted(frame, root -> root.editMessage(edit), root -> frame.prependApart(root, onFree, allocator));
    }

    /**
     * Writes new root tables as {@code edit} does, and returns what {@code make} makes of them and the frame, whose reference
     * {@code make} consumes, unless it throws: then this does.
     */
    static <F extends @Nullable Frame> F rooted(
            Frame frame, Consumer<RootTables> edit, Function<MetadataWriter, F> make) {
        try {
            return make.apply(write(frame, edit));
        } catch (Throwable e) {
            frame.buffer().release();
            throw e;
        }
    }

    /** Writes new root tables for a frame, borrowed, as {@code edit} does. */
    static MetadataWriter write(Frame frame, Consumer<RootTables> edit) {
        RootTables tables = new RootTables(frame);
        edit.accept(tables);
        tables.out.finish();
        return tables.out;
    }

    /** Edits the message's own entries. */
    void editMessage(IpcMetadataEdit edit) {
        out.header(older(frame.header().table()));
        out.entries(entries(frame.header().entries(), edit));
    }

    /** Edits the entries of a schema. */
    void editSchema(IpcMetadataEdit edit) {
        int fields = old.vector(frame.header().table(), 1, 4);
        int schema = schema(fields != 0, true);
        pointToOlder(schema + 4, fields);
        out.point(schema + 8, entries(old.vector(frame.header().table(), 2, 4), edit));
    }

    /** Leaves all fields of a schema out but those at {@code indices}, in that order. */
    void selectFields(List<Integer> indices) {
        int oldFields = old.vector(frame.header().table(), 1, 4);
        int entries = old.vector(frame.header().table(), 2, 4);
        int schema = schema(true, entries != 0);
        out.point(schema + 4, out.offsets(indices.size(), i -> older(old.tableAt(oldFields, indices.get(i)))));
        pointToOlder(schema + 8, entries);
    }

    /** Writes a {@code Schema} with the old features, and with offsets to fill in at 4 (fields) and 8 (entries). */
    private int schema(boolean hasFields, boolean hasEntries) {
        keepEntries();
        int features = old.vector(frame.header().table(), 3, 8);
        int schema = out.table(20, 16, hasFields ? 4 : 0, hasEntries ? 8 : 0, features == 0 ? 0 : 12);
        out.header(schema);
        pointToOlder(schema + 12, features);
        return schema;
    }

    /** Sets the id of a dictionary batch. */
    void setDictionaryId(long id) {
        keepEntries();
        int oldBatch = frame.header().table();
        int batch = out.table(24, 8, 16, 20);
        out.header(batch);
        out.int64(batch + 8, id);
        out.uint8(batch + 20, old.uint8(oldBatch, 2));
        pointToOlder(batch + 16, old.table(oldBatch, 1));
    }

    private void keepEntries() {
        int entries = frame.header().entries();
        out.entries(entries == 0 ? out.offsets(0) : older(entries));
    }

    /** Makes an offset point to what the old metadata has; 0 where it does not, and the offset is left out. */
    private void pointToOlder(int slot, int position) {
        if (position != 0) {
            out.point(slot, older(position));
        }
    }

    /** Writes the vector of entries that an edit makes of an old one; returns its position. */
    private int entries(int oldVector, IpcMetadataEdit edit) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < old.count(oldVector); i++) {
            int entry = old.tableAt(oldVector, i);
            if (!CustomMetadata.key(old, entry).startsWith(edit.strippedPrefix())) {
                kept.add(entry);
            }
        }
        Iterator<Map.Entry<String, String>> added = edit.added().iterator();
        int count = kept.size() + edit.added().size();
        return out.offsets(count, i -> i < kept.size() ? older(kept.get(i)) : CustomMetadata.write(out, added.next()));
    }
}
