package io.bowstring.codec;

/**
 * What the {@code Message} table says, read with bounds checks before anything is allocated for it. Immutable.
 *
 * <pre>
 *   Message         0 version   1 header_type   2 header   3 bodyLength   4 custom_metadata
 *   DictionaryBatch 0 id        1 data          2 isDelta
 *   RecordBatch     0 length    1 nodes         2 buffers  3 compression  4 variadicBufferCounts
 * </pre>
 *
 * <p>Positions are bytes from the start of the metadata; 0 stands for absent. Batches that are alike in all but their lengths
 * may share one.
 *
 * @param kind which message it is
 * @param version the value of {@code MetadataVersion}: 3 (V4) or 4 (V5); also 4 where the metadata says V4 and it makes no
 *     difference
 * @param table position of the header's table
 * @param entries position of the vector of message-level {@code custom_metadata}
 * @param bodyLength position of {@code bodyLength}
 * @param metadataBytes how long the metadata is, with its padding where it has a frame
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Message.fbs">Message.fbs</a>
 */
record MessageHeader(IpcKind kind, int version, int table, int entries, int bodyLength, int metadataBytes) {
    static final int V4 = 3;
    static final int V5 = 4;

    /**
     * Reads the header.
     *
     * @throws IpcException where it is malformed, not supported, or asks for more than the limits allow
     */
    static MessageHeader read(MetadataReader in, IpcLimits limits) {
        MessageHeader header = read(in, limits.maxBodyBytes());
        if (header.entries != 0) {
            CustomMetadata.check(
                    in, header.entries, "Message", limits.maxMessageEntries(), limits.maxMessageEntryBytes());
        }
        return header;
    }

    /** Reads a header whose entries have been checked before. */
    static MessageHeader read(MetadataReader in, int maxBodyBytes) {
        int message = in.root();
        int version = in.int16(message, 0, 0);
        if (version != V4 && version != V5) {
            throw IpcException.unsupported("version", version, V4 + " (V4) or " + V5 + " (V5)");
        }
        IpcKind kind = IpcKind.fromHeaderType(in.uint8(message, 1));
        int table = in.table(message, 2);
        if (table == 0) {
            throw IpcException.malformed("header", "absent", "a table");
        }
        long bodyBytes = in.int64(message, 3);
        if (bodyBytes < 0) {
            throw IpcException.malformed("bodyLength", bodyBytes, ">= 0");
        }
        IpcException.requireAtMost("bodyLength", bodyBytes, maxBodyBytes, "maxBodyBytes");
        if (kind == IpcKind.SCHEMA && bodyBytes != 0) {
            throw IpcException.malformed("bodyLength of a schema", bodyBytes, "0");
        }
        return new MessageHeader(kind, version, table, in.vector(message, 4, 4), in.field(message, 3, 8), in.length());
    }

    /** Returns how many bytes stand before the metadata: before Arrow 0.15 fewer. */
    int prefixBytes() {
        return IpcMessage.PREFIX_BYTES - (metadataBytes & 4);
    }

    /** Returns how many bytes of body follow the metadata, which is that of this header; borrowed. */
    int bodyBytes(MetadataReader in) {
        return bodyLength == 0 ? 0 : (int) in.int64(bodyLength);
    }

    /** Returns this header as one whose new root tables will say V5. */
    MessageHeader likeV5() {
        return new MessageHeader(kind, V5, table, entries, bodyLength, metadataBytes);
    }

    /** Returns this header for metadata of another length: with padding, for example. */
    MessageHeader withMetadataBytes(int bytes) {
        return new MessageHeader(kind, version, table, entries, bodyLength, bytes);
    }
}
