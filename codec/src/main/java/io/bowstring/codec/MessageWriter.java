package io.bowstring.codec;

/**
 * Writes the metadata of one message, a new root with all that it points to, which may stand in older metadata that
 * follows.
 *
 * <pre>
 *   │ root │ Message │ header, entries and what they point to │ older metadata, if any │
 * </pre>
 *
 * <p>Confined to the caller's thread.
 */
final class MessageWriter {
    private static final int HEADER_SLOT = 4;
    private static final int ENTRIES_SLOT = 16;

    /** The tables of the message are written to it; {@linkplain MetadataWriter#finish ends} them. */
    final MetadataWriter out;

    private final IpcKind kind;
    private final int version;
    private final long bodyBytes;
    private final int message;

    /** Positions; of what stands in older metadata the complement of where it is there. */
    private int table;

    private int entries;

    /**
     * Writes root and {@code Message}.
     *
     * @param bodyBytes as long as a body may be, once a frame is made of it
     * @param hasEntries whether there will be {@code custom_metadata}
     * @param capacityBytes what is expected not to be exceeded
     */
    MessageWriter(IpcKind kind, int version, long bodyBytes, boolean hasEntries, int capacityBytes) {
        this.kind = kind;
        this.version = version;
        this.bodyBytes = bodyBytes;
        this.out = new MetadataWriter(capacityBytes);
        int root = out.root();
        this.message = out.table(24, 20, 22, HEADER_SLOT, 8, hasEntries ? ENTRIES_SLOT : 0);
        out.point(root, message);
        out.int16(message + 20, version);
        out.uint8(message + 22, kind.headerType());
        out.int64(message + 8, bodyBytes);
    }

    /** Makes a table that has been written the header. */
    void header(int newTable) {
        out.point(message + HEADER_SLOT, newTable);
        table = newTable;
    }

    /** Makes a table of the older metadata the header. */
    void olderHeader(int olderTable) {
        out.pointToOlder(message + HEADER_SLOT, olderTable);
        table = ~olderTable;
    }

    /** Makes a vector that has been written the {@code custom_metadata}. */
    void entries(int newVector) {
        out.point(message + ENTRIES_SLOT, newVector);
        entries = newVector;
    }

    /** Makes a vector of the older metadata, or none where it is 0, the {@code custom_metadata}. */
    void olderEntries(int olderVector) {
        if (olderVector == 0) {
            entries(out.offsets(0));
        } else {
            out.pointToOlder(message + ENTRIES_SLOT, olderVector);
            entries = ~olderVector;
        }
    }

    /** Returns what {@link MessageHeader#read} would; after the {@linkplain MetadataWriter#finish end}. */
    MessageHeader header() {
        return new MessageHeader(kind, version, settled(table), (int) bodyBytes, settled(entries));
    }

    private int settled(int position) {
        return position < 0 ? out.bytes() + ~position : position;
    }
}
