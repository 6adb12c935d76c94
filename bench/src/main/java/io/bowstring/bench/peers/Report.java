package io.bowstring.bench.peers;

import java.util.List;
import java.util.stream.Stream;

/**
 * All that a run says. Confined to the caller's thread.
 *
 * @param config what was asked
 * @param machine where it was measured
 * @param entries the lanes, those that were left out included
 * @param findings what was found of lanes
 * @param disk what was found of a durable topic alone
 */
record Report(PeersConfig config, Machine machine, List<Entry> entries, Findings findings, DiskFindings disk) {
    /** Returns what failed. */
    List<Failure> failures() {
        return Stream.of(findings.failures(), disk.failures())
                .flatMap(List::stream)
                .toList();
    }

    /** Returns the names of the lanes that were measured. */
    List<String> lanes() {
        return entries.stream()
                .filter(entry -> entry.version() != null)
                .map(Entry::lane)
                .toList();
    }
}
