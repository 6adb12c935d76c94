package io.bowstring.bench.peers;

import java.io.IOException;
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

    /** Starts the relay in a process of its own; owned. */
    RelayProcess start(Programs programs) throws IOException, InterruptedException;

    /** Returns the publishers and subscribers of the relay at a port of the loopback interface, in this process; owned. */
    Parties parties(int port) throws InterruptedException;

    /** Returns why it cannot deliver that, or null if it can. */
    @Nullable
    String refusal(Shape shape);
}
