package io.bowstring.it;

import java.io.IOException;
import java.util.Map;

/** Publishes batches of one row with as much metadata as is allowed. Confined to the attacker's thread. */
final class MarkedBatches implements Attack {

    private static final byte[] BATCH =
            RequestBytes.marked(RequestBytes.batch(1, 1), Map.of("mark", "x".repeat(16_000)));

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                10,
                stranger ->
                        stranger.send(RequestBytes.publish(RequestBytes.numbers(1), "attack-marked-" + count++ % 10)));
        Stranger next = crowd.strangers().get(count++ % crowd.strangers().size());
        if (next.hasSentAll()) {
            next.send(BATCH, BATCH, BATCH, BATCH);
        }
        crowd.flush();
        crowd.receive(256);
    }
}
