package io.bowstring.it;

import java.io.IOException;

/** Seals topics, publishes to them again, deletes them and begins them again. Confined to the attacker's thread. */
final class SealedTopics implements Attack {

    private static final byte[] BATCH = RequestBytes.batch(1, 1_024);

    private Stranger publisher;
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0);
        }
        if (publisher.hasSentAll()) {
            String topic = "attack-sealed-" + count / 3 % 10;
            if (count++ % 3 == 2) {
                publisher.send(RequestBytes.request("bowstring.delete", topic));
            } else {
                byte[] request = RequestBytes.publish(RequestBytes.numbers(1), topic, "bowstring.seal", "true");
                publisher.send(request, BATCH, RequestBytes.END);
            }
        }
        crowd.keep(
                50, stranger -> stranger.send(RequestBytes.subscribe("attack-sealed-3", "bowstring.from", "earliest")));
        crowd.receive(4_096);
    }
}
