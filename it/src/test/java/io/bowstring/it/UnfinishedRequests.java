package io.bowstring.it;

import java.io.IOException;

/** Sends most of the largest schemas and then nothing. Confined to the attacker's thread. */
final class UnfinishedRequests implements Attack {

    private static final byte[] PREFIX = {-1, -1, -1, -1, 0, 0, (byte) 0xFF, 0}; // nearly 16 MiB
    private static final byte[] MOST = new byte[15 << 20];

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(40, stranger -> stranger.send(PREFIX, MOST));
        crowd.flush();
    }
}
