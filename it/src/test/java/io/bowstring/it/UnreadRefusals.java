package io.bowstring.it;

import java.io.IOException;

/** Sends requests that are refused and does not read why. Confined to the attacker's thread. */
final class UnreadRefusals implements Attack {

    private static final byte[] REQUEST = RequestBytes.request("bowstring.nonsense", "x".repeat(50_000));

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(400, stranger -> stranger.send(REQUEST));
        Stranger next = crowd.strangers().get(count++ % crowd.strangers().size());
        if (next.hasSentAll()) {
            next.send(REQUEST);
        }
        crowd.flush();
    }
}
