package io.bowstring.it;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/** Subscribes to a topic where nothing happens and leaves in order, again and again. Confined to the attacker's thread. */
final class LeavingSubscribers implements Attack {

    private static final String TOPIC = "attack-idle";
    private static final int MAX_STAYING = 100;

    private final Queue<Stranger> staying = new ArrayDeque<>();
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (count == 0) {
            crowd.connect(0).send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC), RequestBytes.END);
        }
        for (int i = 0; i < 2; i++) {
            staying.add(crowd.connect(count++ / 500).send(RequestBytes.subscribe(TOPIC)));
        }
        crowd.receive(4_096); // who leaves with something unread does not leave in order
        while (staying.size() > MAX_STAYING) {
            staying.remove().close();
        }
        crowd.strangers().removeIf(stranger -> !stranger.isOpen());
    }
}
