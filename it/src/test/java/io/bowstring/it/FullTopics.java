package io.bowstring.it;

import java.io.IOException;

/** Fills the windows of many topics. Confined to the attacker's thread. */
final class FullTopics implements Attack {

    private static final int TOPICS = 20;
    private static final byte[] BATCH = RequestBytes.batch(1, 1 << 17);
    private static final int PERIOD = 4;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                TOPICS,
                stranger -> stranger.send(
                        RequestBytes.publish(RequestBytes.numbers(1), "attack-full-" + count++ % TOPICS)));
        if (count++ % PERIOD == 0) {
            Stranger next =
                    crowd.strangers().get(count / PERIOD % crowd.strangers().size());
            if (next.hasSentAll()) {
                next.send(BATCH);
            }
        }
        crowd.flush();
        crowd.receive(256);
    }
}
