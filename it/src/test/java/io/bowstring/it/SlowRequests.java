package io.bowstring.it;

import java.io.IOException;

/** Sends requests byte by byte. Confined to the attacker's thread. */
final class SlowRequests implements Attack {

    private static final byte[] REQUEST = RequestBytes.subscribe("attack-slow");
    private static final int PERIOD = 100;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(500, stranger -> {});
        int next = count / PERIOD % REQUEST.length;
        for (int i = count++ % PERIOD; i < crowd.strangers().size(); i += PERIOD) {
            crowd.strangers().get(i).send(new byte[] {REQUEST[next]}).receive(4_096);
        }
    }
}
