package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many topics each source makes in a minute. Holds an entry for each source that has made one in the present minute.
 *
 * <p>Thread-safe, by a lock that is taken when a topic is made.
 */
final class NewTopics {
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int maxPerMinute;
    private final LongSupplier nanos;

    // Guarded by this.
    private final Map<Object, Integer> made = new HashMap<>();
    private long sinceNanos;

    /**
     * Creates a count of none.
     *
     * @param nanos the time; only differences have a meaning
     */
    NewTopics(int maxPerMinute, LongSupplier nanos) {
        this.maxPerMinute = maxPerMinute;
        this.nanos = nanos;
        this.sinceNanos = nanos.getAsLong();
    }

    /**
     * Counts a topic that a source is about to make.
     *
     * @throws ProtocolException {@code LIMIT_REACHED} where it is one too many
     */
    synchronized void count(Object source) {
        long now = nanos.getAsLong();
        if (now - sinceNanos >= MINUTE_NANOS) {
            sinceNanos = now;
            made.clear();
        }
        int ofSource = made.getOrDefault(source, 0);
        if (ofSource >= maxPerMinute) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED,
                    "new topics of one address in one minute",
                    ofSource + 1,
                    "<= " + maxPerMinute + "; max-new-topics-per-minute");
        }
        made.put(source, ofSource + 1);
    }
}
