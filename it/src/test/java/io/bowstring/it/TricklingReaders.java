package io.bowstring.it;

import java.io.IOException;

/**
 * Reads large batches a few bytes at a time, so that each pins a whole one in the server. Confined to the attacker's
 * thread.
 */
final class TricklingReaders implements Attack {

    private static final String TOPIC = "attack-trickle";
    private static final byte[] BATCH = RequestBytes.batch(1, 1 << 20);
    private static final int PERIOD = 20;
    private static final int READERS = 18;

    private Stranger publisher;
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0).send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC));
        }
        if (count++ % PERIOD == 0) {
            if (publisher.hasSentAll()) {
                publisher.send(BATCH);
            }
            crowd.receive(256);
        }
        publisher.flush();
        crowd.keep(
                18,
                stranger -> stranger.send(
                        RequestBytes.subscribe(TOPIC, "bowstring.from", "earliest", "bowstring.on-lag", "drop")));
    }
}
