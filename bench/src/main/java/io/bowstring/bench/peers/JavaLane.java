package io.bowstring.bench.peers;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A lane whose relay is a class of ours: it runs wherever the benchmark does. */
interface JavaLane extends Lane {
    /** Starts the relay in this process; owned. */
    Relay relay() throws Exception;

    @Override
    default @Nullable String missing(Programs programs) {
        return null;
    }

    @Override
    default RelayProcess start(Programs programs) throws IOException, InterruptedException {
        return AskedProcess.java(name());
    }
}
