package io.bowstring.bench.peers;

/** The publishers and subscribers of a relay. Thread-safe. */
interface Parties extends AutoCloseable {
    /** Opens one of the publishers of a topic, from 0 on; owned. */
    Publishing publish(Turn turn, int topic) throws Exception;

    /**
     * Receives all batches of a topic; blocks until then.
     *
     * @param subscriber who is told that it has begun, and of each batch
     */
    void receive(int topic, Receiving subscriber) throws Exception;

    @Override
    void close();
}
