package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One of the systems that are compared: a relay, with its publishers and subscribers. Immutable. */
interface Lane {
    /** Returns the name in options, tables and files. */
    String name();

    /** Returns what this machine lacks to run it and how to install that, or null if it lacks nothing. */
    @Nullable
    String missing(Programs programs);

    /** Returns the versions of what is measured; only where nothing is missing. */
    String version(Programs programs);

    /**
     * Starts the relay in a process of its own; owned.
     *
     * @param folder for what it writes to disk; empty
     */
    RelayProcess start(Programs programs, Path folder) throws IOException, InterruptedException;

    /** Returns the publishers and subscribers of a relay of this lane, borrowed, in this process; owned. */
    Parties parties(RelayProcess relay) throws InterruptedException;

    /**
     * Returns whether it keeps nothing on disk. Delays are measured only of such lanes: others are so slow that they would lower the
     * common rate of all.
     */
    default boolean isInMemory() {
        return true;
    }

    /** Returns why it cannot deliver that, or null if it can. */
    @Nullable
    String refusal(Shape shape);
}
