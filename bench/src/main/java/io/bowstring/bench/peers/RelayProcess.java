package io.bowstring.bench.peers;

import java.io.IOException;
import java.util.List;

/** A relay in a process of its own, so that its CPU time is its alone. Owns the process. Confined to the caller's thread. */
interface RelayProcess extends AutoCloseable {
    /** Returns the port of the loopback interface that it listens on. */
    int port();

    /** Returns the CPU time that the process has used, in seconds. */
    double cpuSeconds() throws IOException, InterruptedException;

    /** Returns the last lines that it printed. */
    List<String> log();

    /** Ends the process, and waits for its end. */
    @Override
    void close();
}
