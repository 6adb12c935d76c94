package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A lane whose relay is a class of ours: it runs wherever the benchmark does. */
interface JavaLane extends Lane {
    /**
     * Starts the relay in this process; owned.
     *
     * @param folder for what it writes to disk
     */
    Relay relay(Path folder) throws Exception;

    @Override
    default @Nullable String missing(Programs programs) {
        return null;
    }

    @Override
    default RelayProcess start(Programs programs, Path folder) throws IOException, InterruptedException {
        return AskedProcess.java(name(), folder);
    }
}
