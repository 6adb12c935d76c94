package io.bowstring.it;

import java.io.IOException;

/** Holds topics back with subscriptions that take a little every now and then. Confined to the attacker's thread. */
final class BlockingSubscriber implements Attack {

    private static final String TOPIC = "attack-block";
    private static final byte[] BATCH = RequestBytes.batch(1, 32_768);
    private static final int PERIOD = 200;

    private Stranger publisher;
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0).send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC));
        }
        if (publisher.hasSentAll() && count % 2 == 0) {
            publisher.send(BATCH);
        }
        publisher.flush();
        crowd.keep(
                20,
                stranger -> stranger.send(RequestBytes.subscribe(
                        count++ % 2 == 0 ? TOPIC : HonestPair.TOPIC, "bowstring.on-lag", "block")));
        if (count++ % PERIOD == 0) {
            crowd.receive(BATCH.length);
        }
    }
}
