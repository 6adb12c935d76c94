package io.bowstring.bench.peers;

/** Who can publish to a relay and receive from it. Thread-safe. */
interface Parties extends AutoCloseable {
    /** Opens one of the publishers of a topic, from 0 on; owned. */
    Publishing publish(Turn turn, int topic) throws Exception;

    /**
     * Receives all batches of a topic, and tells the turn of each if it is paced.
     *
     * @param begun to be run once nothing of what is published from then on is missed
     * @throws IllegalStateException where it got something else
     */
    void receive(Turn turn, int topic, Runnable begun) throws Exception;

    @Override
    void close();
}
