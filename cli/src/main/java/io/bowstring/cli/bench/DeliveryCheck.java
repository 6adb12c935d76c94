package io.bowstring.cli.bench;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks what one subscriber gets: each stream of its topic by itself. A stream that nobody has announced is checked from the
 * first of its batches that comes. Confined to one thread at a time.
 */
final class DeliveryCheck {
    private final Map<Long, SequenceCheck> streams = new HashMap<>();

    /** Most batches are of the same stream as the one before. */
    private long lastStream;

    private @Nullable SequenceCheck last;

    /** All batches of a stream will come, from its first on. */
    void announce(long stream) {
        streams.put(stream, new SequenceCheck(0));
    }

    /** A batch has come. */
    void onBatch(long stream, long sequence) {
        SequenceCheck check = last;
        if (check == null || stream != lastStream) {
            check = streams.computeIfAbsent(stream, unknown -> new SequenceCheck(sequence));
            last = check;
            lastStream = stream;
        }
        check.onBatch(sequence);
    }

    /** A stream has had so many batches, which have been delivered or are lost. */
    void end(long stream, long batches) {
        streams.computeIfAbsent(stream, unknown -> new SequenceCheck(0)).expect(batches);
    }

    /** Returns what has been found so far, of all streams. */
    Faults faults() {
        return streams.values().stream().map(SequenceCheck::faults).reduce(Faults.NONE, Faults::plus);
    }
}
