package io.bowstring.it;

import java.io.IOException;

/** Asks for all that topics hold and reads none of it. Confined to the attacker's thread. */
final class UnreadReplays implements Attack {

    private static final String TOPIC = "attack-replay";
    private static final byte[] BATCH = RequestBytes.batch(1, 1 << 18);
    private static final int PERIOD = 20;

    private Stranger publisher;
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(1).send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC));
        }
        if (count++ % PERIOD == 0 && publisher.hasSentAll()) {
            publisher.send(BATCH);
        }
        publisher.flush();
        crowd.keep(
                200,
                stranger -> stranger.send(RequestBytes.subscribe(
                        count++ % 2 == 0 ? TOPIC : HonestPair.TOPIC,
                        "bowstring.from",
                        "earliest",
                        "bowstring.on-lag",
                        "drop")));
    }
}
