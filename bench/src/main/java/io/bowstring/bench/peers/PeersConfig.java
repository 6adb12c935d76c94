package io.bowstring.bench.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The options of a run. Immutable.
 *
 * @param parts what is asked
 * @param rounds how often each takes its turn
 * @param bodies lengths of bodies, in bytes
 * @param subscribers how many there are, at each length
 * @param turnSeconds how long a turn is, about
 * @param growTo how many subscribers, topics and publishers there are at most where these grow
 * @param disk where folders are made for what is written to disk
 * @param storedBytes how much a topic has that is replayed or recovered
 */
record PeersConfig(
        Set<Part> parts,
        int rounds,
        List<Integer> bodies,
        List<Integer> subscribers,
        double turnSeconds,
        int growTo,
        Path disk,
        long storedBytes) {
    private static final int GROWTH_BODY_BYTES = 64 << 10;

    PeersConfig {
        parts = Set.copyOf(parts);
        bodies = List.copyOf(bodies);
        subscribers = List.copyOf(subscribers);
    }

    /** Returns whether lanes take turns. */
    boolean isContest() {
        return parts.stream().anyMatch(Part::isContest);
    }

    /** Returns the length of the bodies where something else grows. */
    int growthBodyBytes() {
        return bodies.contains(GROWTH_BODY_BYTES) ? GROWTH_BODY_BYTES : bodies.get(0);
    }
}
