package io.bowstring.protocol;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The number that a producer gives a batch, as it stands in the batch's {@code custom_metadata}: each one is greater than
 * the one before it, gaps are allowed. Immutable.
 *
 * @param value at least 0, of at most 18 digits
 */
public record BatchSequence(long value) {
    /** What stands in the place of the last sequence where there is none. */
    public static final long NONE = -1;

    private static final String RULE = "a number from 0 to 999999999999999999 on each batch of a producer";

    /**
     * Reads the number of a batch, which is borrowed.
     *
     * @throws ProtocolException {@code BAD_REQUEST} where it has none, or it is not one
     */
    public static BatchSequence parse(IpcRecordBatch batch) {
        return parse(batch.customMetadata());
    }

    /** Reads the number in the {@code custom_metadata} of a batch, as {@link #parse(IpcRecordBatch)} does. */
    static BatchSequence parse(Map<String, String> entries) {
        String text = entries.get(Keys.SEQUENCE);
        if (text == null || text.startsWith("-")) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.SEQUENCE, text == null ? "absent" : text, RULE);
        }
        return new BatchSequence(DecimalText.parse(Keys.SEQUENCE, text, RULE));
    }

    /** Returns the edit that numbers a batch; what stood there of the protocol goes. */
    public IpcMetadataEdit toEdit() {
        return new IpcMetadataEdit(Keys.PREFIX, toMetadata(Map.of()));
    }

    /**
     * Returns the entries of a batch that is written with its number, which comes last.
     *
     * @param others that it has beside it; those of the protocol go
     */
    public Map<String, String> toMetadata(Map<String, String> others) {
        Map<String, String> entries = new LinkedHashMap<>(others);
        entries.keySet().removeIf(key -> key.startsWith(Keys.PREFIX));
        entries.put(Keys.SEQUENCE, Long.toString(value));
        return entries;
    }
}
