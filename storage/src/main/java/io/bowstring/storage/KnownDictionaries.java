package io.bowstring.storage;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the dictionary batches of a segment stand, from its second range on, as far as a reader has looked for them: readers that begin
 * later need not read what is before. Bounded. Thread-safe.
 */
final class KnownDictionaries {
    /** So many are known; readers look for those after them. */
    static final int MAX = 16_384;

    /** One of them. */
    record Known(long id, boolean isDelta, DictionaryPlaces.Place place) {}

    // Guarded by this.
    private final List<Known> known = new ArrayList<>();

    /** All before it are known. */
    private int nextRange = 1;

    /**
     * Puts those in force that stand before a range.
     *
     * @return the first range of which the reader has to find out itself; {@code until} where there is none
     */
    synchronized int putInForce(int until, DictionaryPlaces inForce) {
        for (Known each : known) {
            if (each.place().range() >= until) {
                return until;
            }
            inForce.add(each.id(), each.isDelta(), each.place());
        }
        return Math.min(until, nextRange);
    }

    /** A reader has found all that stand in the ranges from one on until another. */
    synchronized void add(int from, int until, List<Known> found) {
        if (from == nextRange && known.size() + found.size() <= MAX) {
            known.addAll(found);
            nextRange = until;
        }
    }
}
