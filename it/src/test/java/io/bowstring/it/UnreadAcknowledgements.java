package io.bowstring.it;

import java.io.IOException;

/** Asks for acknowledgements and reads none. Confined to the attacker's thread. */
final class UnreadAcknowledgements implements Attack {

    private static final byte[] BATCH = RequestBytes.batch(1, 1);

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                50,
                stranger -> stranger.send(RequestBytes.publish(
                        RequestBytes.numbers(1), "attack-unread-" + count++ % 5, "bowstring.ack", "true")));
        crowd.strangers().stream().filter(Stranger::hasSentAll).forEach(stranger -> stranger.send(BATCH));
        crowd.flush();
    }
}
