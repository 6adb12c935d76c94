package io.bowstring.it;

import java.io.IOException;

/** Connects and says nothing. Confined to the attacker's thread. */
final class SilentConnections implements Attack {

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(900, stranger -> {});
        crowd.receive(16);
    }
}
