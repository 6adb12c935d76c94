package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchEditor;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatchRun;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Marks the batches of one publisher as they stand in a log: where each of them is copied to, or by an edit, which makes the
 * same bytes. What stood there of the protocol goes. New entries stand before all that the publisher has sent, in this order:
 *
 * <pre>
 *   in memory          offset │ time
 *   on disk            offset │ time │ crc
 *   with a producer    offset │ time │ sequence │ crc │ producer
 * </pre>
 *
 * <p>Confined to the caller's thread.
 *
 * @see BatchPosition#parse(Map)
 * @see ProducerMark#parse
 */
public final class BatchMarker {
    /** Of the checksum that a message has on disk; its value is {@link #UNSET_CHECKSUM} until the log sets it. */
    public static final String CHECKSUM_KEY = Keys.CHECKSUM;

    /** As long as a checksum is. */
    public static final String UNSET_CHECKSUM = "00000000";

    private static final Map.Entry<String, String> CHECKSUM = Map.entry(CHECKSUM_KEY, UNSET_CHECKSUM);

    private final IpcBatchEditor editor;

    /** Of the batch that is being marked. */
    private final long[] values;

    private BatchMarker(List<String> keys, List<Map.Entry<String, String>> texts) {
        this.editor = new IpcBatchEditor(Keys.PREFIX, keys, texts);
        this.values = new long[keys.size()];
    }

    /** Returns what marks the batches of a log in memory, whoever publishes them. */
    public static BatchMarker inMemory() {
        return new BatchMarker(List.of(Keys.OFFSET, Keys.TIME), List.of());
    }

    /** Returns what marks the batches of a log on disk; of a publisher that numbers them, or of all that do not. */
    public static BatchMarker onDisk(@Nullable ProducerId producer) {
        return producer == null
                ? new BatchMarker(List.of(Keys.OFFSET, Keys.TIME), List.of(CHECKSUM))
                : new BatchMarker(
                        List.of(Keys.OFFSET, Keys.TIME, Keys.SEQUENCE),
                        List.of(CHECKSUM, Map.entry(Keys.PRODUCER, producer.digest())));
    }

    /** Returns the edit that gives a dictionary on disk a checksum to set. */
    public static IpcMetadataEdit checksumEdit() {
        return new IpcMetadataEdit(Keys.PREFIX, List.of(CHECKSUM));
    }

    /**
     * Appends a batch of a run, marked, if there is room for it.
     *
     * @param run borrowed
     * @param timeMicros when it is appended, in microseconds since the epoch
     * @param sequence its number; not looked at where there is no producer
     * @param to does not grow; borrowed
     * @return whether there was room; if not, nothing is written
     */
    public boolean tryAppend(
            IpcRecordBatchRun run, int index, long offset, long timeMicros, long sequence, ByteBuf to) {
        return editor.tryAppend(run, index, set(offset, timeMicros, sequence), to);
    }

    /** Returns the edit that marks a batch in the same way. */
    public IpcMetadataEdit toEdit(long offset, long timeMicros, long sequence) {
        return editor.toEdit(set(offset, timeMicros, sequence));
    }

    private long[] set(long offset, long timeMicros, long sequence) {
        values[0] = offset;
        values[1] = timeMicros;
        if (values.length > 2) {
            values[2] = sequence;
        }
        return values;
    }
}
