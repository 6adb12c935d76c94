package io.bowstring.it;

import java.io.IOException;
import java.util.stream.IntStream;

/** Publishes batches without rows, which weigh next to nothing, in numbers. Confined to the attacker's thread. */
final class EmptyBatches implements Attack {

    private static final byte[] BATCH = RequestBytes.batch(1, 0);
    private static final byte[] BATCHES = IntStream.range(0, 50)
            .mapToObj(i -> BATCH)
            .reduce(RequestBytes::concat)
            .orElseThrow();

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                4,
                stranger ->
                        stranger.send(RequestBytes.publish(RequestBytes.numbers(1), "attack-empty-" + count++ % 4)));
        Stranger next = crowd.strangers().get(count++ % crowd.strangers().size());
        if (next.hasSentAll()) {
            next.send(BATCHES);
        }
        crowd.flush();
        crowd.receive(256);
    }
}
