package io.bowstring.it;

import java.io.IOException;

/** Publishes under producer ids that nobody will use again, to a topic of others. Confined to the attacker's thread. */
final class MadeUpProducers implements Attack {

    private Stranger publisher;
    private int ids;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0);
        }
        for (int i = 0; i < 10 && publisher.hasSentAll(); i++) {
            publisher.send(
                    RequestBytes.publish(
                            Newcomer.FIELDS,
                            Newcomer.TOPIC,
                            "bowstring.ack",
                            "true",
                            "bowstring.producer",
                            "made-up-" + ids++),
                    RequestBytes.END);
        }
        crowd.receive(1 << 16);
    }
}
