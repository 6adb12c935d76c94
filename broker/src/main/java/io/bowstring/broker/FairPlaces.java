package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Places that sources share. All may be taken, but a source gets one
 *
 * <pre>
 *   of the first three quarters    in any case
 *   of the next eighth             while it has less than an eighth of all
 *   of the last eighth             while it has fewer than ten; than an eighth of all where that is less than ten
 * </pre>
 *
 * <p>So no one source keeps a newcomer out, where there are four places or more. It takes 127 sources to have all of 10,000
 * places, and at most four where there are fewer than 80. One that has less than an eighth continues after a greedy one has
 * been stopped. The rule is not for all places, since one honest source alone, a gateway for example, would else have few.
 *
 * <p>Holds an entry for each source that has a place. Thread-safe, by a lock that is taken when a place is taken or given
 * back.
 */
final class FairPlaces {
    /** So many a source may have while few places are free. */
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
        if (source != null) {
            int allowed = allowed(free);
            int has = takenBySource.getOrDefault(source, 0);
            if (has >= allowed) {
                throw ProtocolException.of(
                        ErrorCode.LIMIT_REACHED,
                        what + " of one address",
                        has + 1,
                        "<= " + allowed + which + " while only " + free + " of " + limit + " are free; " + setting);
            }
            takenBySource.put(source, has + 1);
        }
        taken++;
    }

    /** Returns how many one source may have while so many are free. */
    private int allowed(int free) {
        if (free > limit / 4) {
            return limit;
        }
        int eighth = Math.max(1, limit / 8);
        return free > eighth ? eighth : Math.min(FEW, eighth);
    }

    /** Gives a place back that was taken for this source. */
    synchronized void giveBack(@Nullable Object source) {
        taken--;
        if (source != null) {
            takenBySource.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Returns how many sources have a place. */
    synchronized int sources() {
        return takenBySource.size();
    }

    /** Returns how many are taken. */
    synchronized int taken() {
        return taken;
    }
}
