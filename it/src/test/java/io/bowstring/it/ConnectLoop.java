package io.bowstring.it;

import java.io.IOException;

/** Connects from one address without end, more often than the server lets one in. Confined to the attacker's thread. */
final class ConnectLoop implements Attack {

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.close();
        for (int i = 0; i < 8; i++) {
            crowd.connect(0);
        }
    }
}
