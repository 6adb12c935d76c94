package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Re-rooting: gives a message new {@code custom_metadata}, a new dictionary id or fewer fields by writing a new root in
 * front of its metadata. The old bytes stay as they are, and the new tables point forward into them, so that nothing is
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
    private final Frame frame;
    private final MetadataReader old;
    private final ByteBuf bytes = Unpooled.buffer(256);
    private final MetadataWriter out = new MetadataWriter(bytes);

    private RootTables(Frame frame) {
        this.frame = frame;
        this.old = frame.reader();
    }

    /** Edits the message's own entries; consumes the frame's reference, whatever is thrown, and returns an owned frame. */
    static Frame editMessage(Frame frame, IpcMetadataEdit edit, ByteBufAllocator allocator) {
        return consuming(frame, root -> {
            int entries = root.editMessage(edit);
            ByteBuf edited = root.prepend(allocator);
            return frame.behind(root.bytes.readableBytes(), entries, edited);
        });
    }

    /**
     * Edits the message's own entries and leaves the body where it is; consumes the frame's reference, whatever is thrown,
     * and returns an owned frame.
     *
     * @param onFree runs once when the memory of the new head is free, unless this throws
     */
    static Frame editMessageApart(Frame frame, IpcMetadataEdit edit, Runnable onFree, ByteBufAllocator allocator) {
        return consuming(frame, root -> {
            int entries = root.editMessage(edit);
            root.out.finish();
            return frame.behind(root.bytes.readableBytes(), entries, frame.prependApart(root.bytes, onFree, allocator));
        });
    }

    /** Returns what is made of a frame, whose reference is consumed: by {@code edit} itself, unless that throws. */
    private static <T> T consuming(Frame frame, Function<RootTables, T> edit) {
        try {
            return edit.apply(new RootTables(frame));
        } catch (Throwable e) {
            frame.buffer().release();
            throw e;
        }
    }

    /** Appends the frame, borrowed, with the message's own entries edited, to a buffer that has room; returns it, owned. */
    static Frame appendEdited(Frame frame, IpcMetadataEdit edit, ByteBuf to) {
        RootTables root = new RootTables(frame);
        int entries = root.editMessage(edit);
        root.out.finish();
        int start = to.writerIndex();
        frame.write(root.bytes, to);
        return frame.behind(root.bytes.readableBytes(), entries, to.retainedSlice(start, to.writerIndex() - start));
    }

    /** Returns the position of the entries. */
    private int editMessage(IpcMetadataEdit edit) {
        int message = message();
        out.pointToOlder(message + 4, frame.header().table());
        return entries(message + 16, frame.header().entries(), edit);
    }

    /** Edits the entries of a schema; consumes the frame's reference, whatever is thrown, and returns an owned buffer. */
    static ByteBuf editSchema(Frame frame, IpcMetadataEdit edit, ByteBufAllocator allocator) {
        return consuming(frame, root -> {
            root.editSchema(edit);
            return root.prepend(allocator);
        });
    }

    private void editSchema(IpcMetadataEdit edit) {
        int message = message();
        olderEntries(message + 16);
        int oldSchema = frame.header().table();
        int fields = old.vector(oldSchema, 1, 4);
        int features = old.vector(oldSchema, 3, 8);
        int schema = out.table(20, 16, fields == 0 ? 0 : 4, 8, features == 0 ? 0 : 12);
        out.point(message + 4, schema);
        if (fields != 0) {
            out.pointToOlder(schema + 4, fields);
        }
        if (features != 0) {
            out.pointToOlder(schema + 12, features);
        }
        entries(schema + 8, old.vector(oldSchema, 2, 4), edit);
    }

    /**
     * Leaves all fields of a schema out but those at {@code indices}, in that order; consumes the frame's reference, whatever
     * is thrown, and returns an owned buffer.
     */
    static ByteBuf selectFields(Frame frame, List<Integer> indices, ByteBufAllocator allocator) {
        return consuming(frame, root -> {
            root.selectFields(indices);
            return root.prepend(allocator);
        });
    }

    private void selectFields(List<Integer> indices) {
        int message = message();
        olderEntries(message + 16);
        int oldSchema = frame.header().table();
        int oldFields = old.vector(oldSchema, 1, 4);
        int entries = old.vector(oldSchema, 2, 4);
        int features = old.vector(oldSchema, 3, 8);
        int schema = out.table(20, 16, 4, entries == 0 ? 0 : 8, features == 0 ? 0 : 12);
        out.point(message + 4, schema);
        int fields = out.offsets(indices.size());
        out.point(schema + 4, fields);
        for (int i = 0; i < indices.size(); i++) {
            out.pointToOlder(fields + 4 + 4 * i, old.tableAt(oldFields, indices.get(i)));
        }
        if (entries != 0) {
            out.pointToOlder(schema + 8, entries);
        }
        if (features != 0) {
            out.pointToOlder(schema + 12, features);
        }
    }

    /** Sets the id of a dictionary batch; consumes the frame's reference, whatever is thrown, and returns an owned buffer. */
    static ByteBuf setDictionaryId(Frame frame, long id, ByteBufAllocator allocator) {
        return consuming(frame, root -> {
            root.setDictionaryId(id);
            return root.prepend(allocator);
        });
    }

    private void setDictionaryId(long id) {
        int message = message();
        olderEntries(message + 16);
        int oldBatch = frame.header().table();
        int data = old.table(oldBatch, 1);
        int batch = out.table(24, 8, 16, 20);
        out.point(message + 4, batch);
        out.int64(batch + 8, id);
        out.uint8(batch + 20, old.uint8(oldBatch, 2));
        out.pointToOlder(batch + 16, data);
    }

    /** Writes a {@code Message} with offsets to fill in at 4 (header) and 16 (entries); returns its position. */
    static int writeMessage(MetadataWriter out, IpcKind kind, int version, long bodyBytes, boolean hasEntries) {
        int root = out.root();
        int message = out.table(24, 20, 22, 4, 8, hasEntries ? 16 : 0);
        out.point(root, message);
        out.int16(message + 20, version);
        out.uint8(message + 22, kind.headerType());
        out.int64(message + 8, bodyBytes);
        return message;
    }

    private int message() {
        MessageHeader header = frame.header();
        return writeMessage(out, header.kind(), header.version(), header.bodyBytes(), true);
    }

    private void olderEntries(int slot) {
        if (frame.header().entries() == 0) {
            out.point(slot, out.offsets(0));
        } else {
            out.pointToOlder(slot, frame.header().entries());
        }
    }

    private int entries(int slot, int oldVector, IpcMetadataEdit edit) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < old.count(oldVector); i++) {
            int entry = old.tableAt(oldVector, i);
            if (!CustomMetadata.key(old, entry).startsWith(edit.strippedPrefix())) {
                kept.add(entry);
            }
        }
        int vector = out.offsets(kept.size() + edit.added().size());
        out.point(slot, vector);
        int element = vector + 4;
        for (int entry : kept) {
            out.pointToOlder(element, entry);
            element += 4;
        }
        for (Map.Entry<String, String> added : edit.added()) {
            out.point(element, CustomMetadata.write(out, added.getKey(), added.getValue()));
            element += 4;
        }
        return vector;
    }

    private ByteBuf prepend(ByteBufAllocator allocator) {
        out.finish();
        return frame.prepend(bytes, allocator);
    }
}
