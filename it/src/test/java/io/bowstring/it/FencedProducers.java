package io.bowstring.it;

import java.io.IOException;

/** Publishes under one producer id by many connections, which end each other. Confined to the attacker's thread. */
final class FencedProducers implements Attack {

    private static final byte[] REQUEST = RequestBytes.publish(
            RequestBytes.numbers(1), "attack-fenced", "bowstring.ack", "true", "bowstring.producer", "one");

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.connect(0).send(REQUEST);
        crowd.receive(4_096);
        crowd.strangers().removeIf(stranger -> !stranger.isOpen());
    }
}
