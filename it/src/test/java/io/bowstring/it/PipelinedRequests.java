package io.bowstring.it;

import java.io.IOException;

/** Sends request after request and reads no reply. Confined to the attacker's thread. */
final class PipelinedRequests implements Attack {

    private static final byte[] REQUEST = RequestBytes.request("bowstring.list", "");

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(50, stranger -> {});
        crowd.strangers().stream().filter(Stranger::hasSentAll).forEach(stranger -> stranger.send(REQUEST));
        crowd.flush();
    }
}
