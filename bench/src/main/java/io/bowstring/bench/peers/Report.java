package io.bowstring.bench.peers;

import java.util.List;

/**
 * All that a run says. Confined to the caller's thread.
 *
 * @param config what was asked
 * @param machine where it was measured
 * @param entries the lanes, those that were left out included
 * @param findings what was found
 */
record Report(PeersConfig config, Machine machine, List<Entry> entries, Findings findings) {
    /** Returns the names of the lanes that were measured. */
    List<String> lanes() {
        return entries.stream()
                .filter(entry -> entry.version() != null)
                .map(Entry::lane)
                .toList();
    }
}
