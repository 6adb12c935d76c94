package io.bowstring.it;

import java.io.IOException;

/** Asks for listings of thousands of topics and does not read them. Confined to the attacker's thread. */
final class UnreadListings implements Attack {

    private static final int TOPICS = 2_000;

    private Stranger publisher;
    private int topics;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(1);
        }
        for (int i = 0; i < 10 && topics < TOPICS && publisher.hasSentAll(); i++) {
            publisher.send(
                    RequestBytes.publish(RequestBytes.numbers(40), "attack-listed-" + topics++), RequestBytes.END);
        }
        crowd.keep(150, stranger -> stranger.send(RequestBytes.request("bowstring.list", "")));
        crowd.flush();
    }
}
