package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Places that sources share. All may be taken, but the last quarter goes to those that have little: a source that has ten
 * gets one of that quarter only while it has fewer than are free. So nobody keeps a newcomer out, and who has more than ten
 * goes on after a greedy source has been stopped. Below 40 places a source may have a quarter of them instead of ten.
 *
 * <p>The rule is for the last quarter and not for all places, since one honest source alone, a gateway for example, would
 * else have no more than half of them.
 *
 * <p>Holds an entry for each source that has a place. Thread-safe, by a lock that is taken when a place is taken or given
 * back.
 */
final class FairPlaces {
    /** So many a source may have of the last quarter in any case, where there are so many in it. */
    private static final int FEW = 10;

    private final String what;
    private final int limit;
    private final String which;
    private final String setting;

    // Guarded by this.
    private final Map<Object, Integer> takenBySource = new HashMap<>();
    private int taken;

    /**
     * Creates places that are free.
     *
     * @param what takes them, for the message of a refusal: "topics" for example
     * @param limit how many there are
     * @param which of them count, for that message; empty where all do
     * @param setting the key of the limit in the configuration
     */
    FairPlaces(String what, int limit, String which, String setting) {
        this.what = what;
        this.limit = limit;
        this.which = which;
        this.setting = setting;
    }

    /**
     * Takes a place.
     *
     * @param source for whom; null where it does not count
     * @throws ProtocolException {@code LIMIT_REACHED} where there is none for this source
     */
    synchronized void take(@Nullable Object source) {
        int free = limit - taken;
        if (free <= 0) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED, what, taken + 1, "<= " + limit + which + "; " + setting);
        }
        int lastQuarter = limit / 4;
        if (source != null && free <= lastQuarter) {
            int allowed = Math.max(free, Math.min(FEW, lastQuarter));
            int has = takenBySource.getOrDefault(source, 0);
            if (has >= allowed) {
                throw ProtocolException.of(
                        ErrorCode.LIMIT_REACHED,
                        what + " of one address",
                        has + 1,
                        "<= " + allowed + which + " while only " + free + " of " + limit + " are free; " + setting);
            }
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

    /** Returns how many are taken. */
    synchronized int taken() {
        return taken;
    }
}
