package io.bowstring.it;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/** Waits for ever more topics that nobody publishes to, and leaves them. Confined to the attacker's thread. */
final class WaitingTopics implements Attack {

    private static final int MAX_STAYING = 500;

    private final Queue<Stranger> staying = new ArrayDeque<>();
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        staying.add(crowd.connect(count / 400).send(RequestBytes.subscribe("attack-nobody-" + count++)));
        if (staying.size() > MAX_STAYING) {
            staying.remove().close();
        }
        crowd.strangers().removeIf(stranger -> !stranger.isOpen());
    }
}
