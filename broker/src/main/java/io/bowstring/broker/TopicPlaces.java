package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of a broker's topics. A source that has made several topics leaves the last quarter of the places to others, so
 * that nobody's topics keep a newcomer out.
 *
 * <p>Holds an entry for each source that has a topic. Thread-safe, by a lock that is taken when a topic is made and when it
 * goes.
 */
final class TopicPlaces {
    /** A source that has so many topics has several. */
    private static final int SEVERAL = 10;

    private final int maxTopics;

    // Guarded by this.
    private final Map<Object, Integer> takenBySource = new HashMap<>();
    private int taken;

    TopicPlaces(int maxTopics) {
        this.maxTopics = maxTopics;
    }

    /**
     * Takes a place.
     *
     * @param source of the topic; null where it does not count
     * @throws ProtocolException {@code LIMIT_REACHED} where there is none for this source
     */
    synchronized void take(@Nullable Object source) {
        boolean hasSeveral = source != null && takenBySource.getOrDefault(source, 0) >= SEVERAL;
        int limit = hasSeveral ? maxTopics - maxTopics / 4 : maxTopics;
        if (taken >= limit) {
            String rule = hasSeveral ? " for an address that has " + SEVERAL + " of them" : "";
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED, "topics", taken + 1, "<= " + limit + rule + "; max-topics");
        }
        taken++;
        if (source != null) {
            takenBySource.merge(source, 1, Integer::sum);
        }
    }

    /** Gives a place back that was taken for this source. */
    synchronized void giveBack(@Nullable Object source) {
        taken--;
        if (source != null) {
            takenBySource.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
        }
    }
}
