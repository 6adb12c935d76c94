package io.bowstring.it;

import java.io.IOException;

/** Subscribes, ends its own side, and reads nothing. Confined to the attacker's thread. */
final class HalfClosedSubscribers implements Attack {

    private static final byte[] REQUEST = RequestBytes.subscribe(HonestPair.TOPIC, "bowstring.on-lag", "drop");

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(300, stranger -> stranger.send(REQUEST));
        crowd.strangers().stream().filter(Stranger::hasSentAll).forEach(Stranger::halfClose);
    }
}
