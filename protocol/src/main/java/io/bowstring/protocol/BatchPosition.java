package io.bowstring.protocol;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import java.util.List;
import java.util.Map;

/**
 * Where a batch stands in its topic, as the server marks it in the batch's {@code custom_metadata}. Immutable.
 *
 * @param offset of the batch; a topic's first batch has 0, each one more than the batch before it
 * @param timeMicros when it was appended, in microseconds since the epoch
 * @param gap batches missed right before this one; 0 where none were
 */
public record BatchPosition(long offset, long timeMicros, long gap) {
    private static final String RULE = "a number";

    /** Reads the mark of a received batch, which is borrowed; -1 stands for an absent offset or time. */
    public static BatchPosition parse(IpcRecordBatch batch) {
        return parse(batch.customMetadata());
    }

    /** Reads the mark in the {@code custom_metadata} of a batch; -1 stands for an absent offset or time. */
    public static BatchPosition parse(Map<String, String> entries) {
        return new BatchPosition(
                DecimalText.parse(Keys.OFFSET, entries.getOrDefault(Keys.OFFSET, "-1"), RULE),
                DecimalText.parse(Keys.TIME, entries.getOrDefault(Keys.TIME, "-1"), RULE),
                DecimalText.parse(Keys.GAP, entries.getOrDefault(Keys.GAP, "0"), RULE));
    }

    /** Returns the edit that marks a batch; what stood there of the protocol goes. */
    public IpcMetadataEdit toEdit() {
        Map.Entry<String, String> offsetEntry = Map.entry(Keys.OFFSET, Long.toString(offset));
        Map.Entry<String, String> timeEntry = Map.entry(Keys.TIME, Long.toString(timeMicros));
        return new IpcMetadataEdit(
                Keys.PREFIX,
                gap == 0
                        ? List.of(offsetEntry, timeEntry)
                        : List.of(offsetEntry, timeEntry, Map.entry(Keys.GAP, Long.toString(gap))));
    }
}
