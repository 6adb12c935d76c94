package io.bowstring.codec;

/**
 * The kinds of message in an Arrow IPC stream, with the {@code MessageHeader} union value that stands for each in
 * {@code Message.fbs}. The end-of-stream marker has no metadata and thus no value on the wire.
 *
 * <p>Immutable.
 */
public enum IpcKind {
    /** The schema: first message of a stream, once. */
    SCHEMA(1),
    /** The values of one dictionary, whole or as a delta. */
    DICTIONARY_BATCH(2),
    /** Rows. */
    RECORD_BATCH(3),
    /** The end-of-stream marker. */
    END_OF_STREAM(0);

    private final int headerType;

    IpcKind(int headerType) {
        this.headerType = headerType;
    }

    /** Returns the value of {@code Message.header_type}; 0 for {@link #END_OF_STREAM}. */
    int headerType() {
        return headerType;
    }

    /**
     * Maps a {@code header_type} from the wire.
     *
     * @throws IpcException {@code UNSUPPORTED} for tensors and for values that the format does not define
     */
    static IpcKind fromHeaderType(int headerType) {
        return switch (headerType) {
            case 1 -> SCHEMA;
            case 2 -> DICTIONARY_BATCH;
            case 3 -> RECORD_BATCH;
            default ->
                throw IpcException.unsupported(
                        "header_type", headerType, "1 (Schema), 2 (DictionaryBatch) or 3 (RecordBatch)");
        };
    }
}
