package io.bowstring.bench.peers;

/** A relay sends each batch of a publisher to all subscribers of its topic. It runs until it is closed. */
interface Relay extends AutoCloseable {
    /** Returns the port of the loopback interface that it listens on. */
    int port();

    @Override
    void close();
}
