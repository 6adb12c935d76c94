package io.bowstring.it;

import java.io.IOException;

/** Makes topics without end, by one connection. Confined to the attacker's thread. */
final class ManyTopics implements Attack {

    private Stranger publisher;
    private int topics;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(topics);
        }
        for (int i = 0; i < 10 && publisher.hasSentAll(); i++) {
            publisher.send(RequestBytes.publish(RequestBytes.numbers(40), "attack-many-" + topics++), RequestBytes.END);
        }
        crowd.receive(4_096);
        crowd.strangers().removeIf(stranger -> !stranger.isOpen());
    }
}
