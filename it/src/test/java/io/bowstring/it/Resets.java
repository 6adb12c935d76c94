package io.bowstring.it;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/** Breaks connections off in the midst of whatever they are at. Confined to the attacker's thread. */
final class Resets implements Attack {

    private static final byte[] BATCH = RequestBytes.batch(1, 100_000);
    private static final byte[] PUBLISH = RequestBytes.publish(RequestBytes.numbers(1), "attack-reset");
    private static final byte[][] BEGINNINGS = {
        {},
        Arrays.copyOf(PUBLISH, 100),
        RequestBytes.concat(PUBLISH, Arrays.copyOf(BATCH, BATCH.length / 2)),
        RequestBytes.concat(PUBLISH, BATCH),
        RequestBytes.subscribe("attack-reset", "bowstring.from", "earliest"),
        RequestBytes.subscribe("attack-reset", "bowstring.on-lag", "block"),
        RequestBytes.request("bowstring.list", "")
    };
    private static final int MAX_STAYING = 20;

    private final Queue<Stranger> staying = new ArrayDeque<>();
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        staying.add(crowd.connect(count / 500).send(BEGINNINGS[count++ % BEGINNINGS.length]));
        crowd.flush();
        if (staying.size() > MAX_STAYING) {
            staying.remove().reset();
        }
        crowd.strangers().removeIf(stranger -> !stranger.isOpen());
    }
}
