package io.bowstring.bench.peers;

import org.jspecify.annotations.Nullable;

/**
 * A lane of a run. Immutable.
 *
 * @param lane its name
 * @param version of what was measured, or null if it was left out
 * @param missing why it was left out and how to install it, or null if it was measured
 */
record Entry(
        String lane, @Nullable String version, @Nullable String missing) {
    static Entry of(Lane lane, Programs programs) {
        String missing = lane.missing(programs);
        return new Entry(lane.name(), missing == null ? lane.version(programs) : null, missing);
    }
}
