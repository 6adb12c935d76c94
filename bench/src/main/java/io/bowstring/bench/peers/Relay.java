package io.bowstring.bench.peers;

/** What passes on what one publisher sends to several subscribers; runs until it is closed. */
interface Relay extends AutoCloseable {
    /** Returns the port of the loopback interface that it listens on. */
    int port();

    @Override
    void close();
}
