package io.bowstring.bench;

/** One publisher and some subscribers of a relay. Confined to the caller's thread. */
interface RelayLoad extends AutoCloseable {
    /**
     * Publishes {@code count} equal batches once all subscribers are there, and waits until each has all of them.
     *
     * @param bodyBytes length of a body, see {@link Streams#batch}
     * @return seconds from the first batch to the end of the last subscriber
     * @throws IllegalStateException where a subscriber got something else
     */
    double run(int bodyBytes, int count, int subscribers) throws Exception;

    @Override
    void close();
}
