package io.bowstring.bench.peers;

import java.io.IOException;

/** One publisher, connected. Confined to one thread at a time. */
interface Publishing extends AutoCloseable {
    /** Publishes the next batches; blocks while it must. */
    void send(int batches) throws Exception;

    /** Publishes nothing more; blocks until the relay has all of it, where it says so. */
    void finish() throws Exception;

    @Override
    void close() throws IOException;
}
