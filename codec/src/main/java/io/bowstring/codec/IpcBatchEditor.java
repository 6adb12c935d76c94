package io.bowstring.codec;

import static io.bowstring.codec.MetadataReader.INT64;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Appends one record batch after another to a buffer, with new {@code custom_metadata}: decimal numbers, an offset and a time
 * for example, and after them texts that are the same for all. What it writes is, byte for byte, what {@link
 * IpcRecordBatch#edited} makes with {@linkplain #toEdit the same entries}; where batches are alike and numbers have as many
 * digits as before, that costs two copies and no object.
 *
 * <pre>
 *   │ prefix │ root, Message, entries │ the old metadata, unchanged │ body │
 *   └─ kept from a batch before: its  ┘
 *      digits and bodyLength change
 * </pre>
 *
 * <p>Confined to the caller's thread.
 */
public final class IpcBatchEditor {
    /** What is kept is for batches that a decoder has found alike, of some kinds. */
    private static final int MAX_HEADS = 4;

    private final String strippedPrefix;
    private final List<String> keys;
    private final List<Map.Entry<String, String>> texts;
    private final @Nullable Head[] heads = new Head[MAX_HEADS];
    private int newHeads;

    /**
     * Creates an editor.
     *
     * @param strippedPrefix what the keys of the entries to strip begin with; the empty prefix strips all
     * @param keys of the numbers to add, in order
     * @param texts to add after them, in order
     */
    public IpcBatchEditor(String strippedPrefix, List<String> keys, List<Map.Entry<String, String>> texts) {
        this.strippedPrefix = strippedPrefix;
        this.keys = List.copyOf(keys);
        this.texts = List.copyOf(texts);
    }

    /**
     * Returns the edit that gives a batch the same entries.
     *
     * @param values of the numbers, as many as there are keys; borrowed
     */
    public IpcMetadataEdit toEdit(long... values) {
        requireOneForEachKey(values);
        List<Map.Entry<String, String>> added = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            added.add(Map.entry(keys.get(i), Long.toString(values[i])));
        }
        added.addAll(texts);
        return new IpcMetadataEdit(strippedPrefix, added);
    }

    private void requireOneForEachKey(long[] values) {
        if (values.length != keys.size()) {
            throw new IllegalArgumentException("values: " + values.length + " (expected: " + keys.size() + ")");
        }
    }

    /**
     * Appends a batch of a run, with new entries, if there is room for it.
     *
     * @param run borrowed
     * @param values of the numbers, as many as there are keys; borrowed
     * @param to does not grow; borrowed
     * @return whether there was room; if not, nothing is written
     */
    public boolean tryAppend(IpcRecordBatchRun run, int index, long[] values, ByteBuf to) {
        ByteBuf from = run.bytes();
        MessageHeader header = run.header(index);
        int start = from.readerIndex() + run.start(index);
        int frameBytes = run.end(index) - run.start(index);
        requireOneForEachKey(values);
        int place = find(header);
        Head head = heads[place];
        if (head == null || !head.isFor(header) || !head.trySet(values)) {
            head = newHead(run.frame(index), values);
            heads[place] = head;
        }
        int prefixBytes = header.prefixBytes();
        int metadataBytes = header.metadataBytes();
        int padding = -metadataBytes & 7;
        if (head.bytes.length + padding + (long) frameBytes - prefixBytes > to.writableBytes()) {
            return false;
        }
        int bodyBytes = frameBytes - prefixBytes - metadataBytes;
        INT64.set(head.bytes, head.bodyLength, (long) bodyBytes);
        to.writeBytes(head.bytes);
        if (padding == 0) {
            to.writeBytes(from, start + prefixBytes, metadataBytes + bodyBytes);
        } else { // of old framing
            to.writeBytes(from, start + prefixBytes, metadataBytes).writeZero(padding);
            to.writeBytes(from, start + prefixBytes + metadataBytes, bodyBytes);
        }
        return true;
    }

    /** Returns the place of the head for batches with this header, or the place for a new one. */
    private int find(MessageHeader header) {
        for (int i = 0; i < MAX_HEADS; i++) {
            Head head = heads[i];
            if (head != null && head.isFor(header)) {
                return i;
            }
        }
        return newHeads++ & (MAX_HEADS - 1);
    }

    /** Returns a head for a batch, borrowed. */
    private Head newHead(Frame batch, long[] values) {
        IpcMetadataEdit edit = toEdit(values);
        MetadataWriter root = RootTables.write(batch, tables -> tables.editMessage(edit));
        return new Head(batch, root, values, edit.added().size());
    }

    /** Prefix and new root tables of a batch. */
    private static final class Head {
        private MessageHeader of;
        private final byte[] bytes;

        /** Where the length of the body stands. */
        private final int bodyLength;

        /** Of each value: where its last digit stands, and what it is. */
        private final int[] lastDigits;

        private final long[] values;

        private Head(Frame batch, MetadataWriter root, long[] values, int addedEntries) {
            ByteBuf head = Unpooled.buffer(IpcMessage.PREFIX_BYTES + root.bytes());
            batch.writeRoot(root, head);
            MetadataReader in = new MetadataReader(head, IpcMessage.PREFIX_BYTES, root.bytes());
            MessageHeader rooted = root.newHeader(0);
            this.of = batch.header();
            this.bytes = head.array();
            this.bodyLength = IpcMessage.PREFIX_BYTES + rooted.bodyLength();
            this.values = values.clone();
            this.lastDigits = new int[values.length];
            int kept = in.count(rooted.entries()) - addedEntries;
            for (int i = 0; i < values.length; i++) {
                int text = in.vector(in.tableAt(rooted.entries(), kept + i), 1, 1);
                lastDigits[i] = IpcMessage.PREFIX_BYTES + text + Integer.BYTES + in.count(text) - 1;
            }
        }

        /** Returns whether it is for batches with this header: of entries that are the same but for their values. */
        @SuppressWarnings("ReferenceEquality") // that very object says that even the keys are alike
        private boolean isFor(MessageHeader header) {
            if (of != header && header.entries() == 0 && of.equals(header)) {
                of = header; // of another stream: the next one is compared at a glance
            }
            return of == header;
        }

        /** Makes the values these, borrowed, if they have as many digits; else some of them may be. */
        private boolean trySet(long[] newValues) {
            for (int i = 0; i < values.length; i++) {
                long old = values[i];
                long rest = newValues[i];
                if (rest != old && !haveAsManyDigits(rest, old)) {
                    return false;
                }
                values[i] = rest;
                for (int at = lastDigits[i]; rest != old; rest /= 10, old /= 10) {
                    bytes[at--] = (byte) ('0' + rest % 10);
                }
            }
            return true;
        }

        /** Returns whether neither is negative and both have as many digits. */
        private static boolean haveAsManyDigits(long one, long other) {
            long less = Math.min(one, other);
            long more = Math.max(one, other);
            boolean isNegative = less < 0;
            for (; less >= 10; less /= 10) {
                more /= 10;
            }
            return !isNegative && more < 10;
        }
    }
}
