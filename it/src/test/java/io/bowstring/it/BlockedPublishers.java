package io.bowstring.it;

import java.io.IOException;

/** Blocks a topic and publishes to it from many connections, all of which have to wait. Confined to the attacker's thread. */
final class BlockedPublishers implements Attack {

    private static final String TOPIC = "attack-blocked";
    private static final byte[] BATCH = RequestBytes.batch(1, 1 << 17);

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(40, stranger -> {
            if (count++ % 8 == 0) {
                stranger.send(RequestBytes.subscribe(TOPIC, "bowstring.on-lag", "block"));
            } else {
                stranger.send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC), BATCH);
            }
        });
        Stranger next = crowd.strangers().get(count++ % crowd.strangers().size());
        if (count % 4 == 0 && next.hasSentAll()) {
            next.send(BATCH); // of a subscription too, to which it says nothing
        }
        crowd.flush();
    }
}
